# Signs FerCam's programs: sign.ps1 FOLDER
# Needs WINDOWS_CERTIFICATE (a .pfx file) and WINDOWS_CERTIFICATE_PASSWORD.
param([Parameter(Mandatory)][string]$Folder)
$ErrorActionPreference = "Stop"
$kits = "${env:ProgramFiles(x86)}\Windows Kits\10\bin"
$signtool = Get-ChildItem $kits -Recurse -Filter signtool.exe |
    Where-Object FullName -Like "*x64*" | Select-Object -Last 1
foreach ($program in Get-ChildItem $Folder -Filter *.exe) {
    & $signtool.FullName sign /fd SHA256 /td SHA256 /tr http://timestamp.digicert.com `
        /f $env:WINDOWS_CERTIFICATE /p $env:WINDOWS_CERTIFICATE_PASSWORD $program.FullName
    if ($LASTEXITCODE) { throw "$($program.Name) could not be signed." }
}
