"""`seed` is the notebook's network, and training it gives a bundle that runs live."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.runs import make_run
from helpers.training import InterruptedJob

from fercam import cli
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import DataError, TrainingError, UsageError
from fercam.inference.bundle import load_bundle
from fercam.recording.lock import LOCK_NAME, SessionLock
from fercam.training.config import TrainingConfig
from fercam.training.engine import __main__ as engine
from fercam.training.engine.evaluate import classifier_of
from fercam.training.engine.export import FEWEST_TO_FIT
from fercam.training.engine.trainer import learning_rate, network
from fercam.training.job import (
    EngineJob,
    evaluate_job,
    results_job,
    run_report_job,
    train_job,
)
from fercam.training.results import ANSWERS, RESULTS, read_answers, read_results, self_check
from fercam.training.runs import (
    begun_record,
    best_model,
    events_file,
    last_model,
    new_run_dir,
    read_history,
    wish_file,
    write_record,
)

HIDDEN_LAYERS = [
    *[("Conv2D", filters) for filters in (128, 256, 512, 512)],
    *[("Dense", units) for units in (512, 256, 7)],
]


def test_seed_is_the_network_of_the_notebook() -> None:
    from fercam.training.engine.builder import build

    model = build("seed")
    assert model.count_params() == 4_232_199
    kinds = [(type(layer).__name__, layer) for layer in model.layers]
    assert [
        (kind, layer.filters if kind == "Conv2D" else layer.units)
        for kind, layer in kinds
        if kind in ("Conv2D", "Dense")
    ] == HIDDEN_LAYERS
    assert [layer.rate for kind, layer in kinds if kind == "Dropout"] == [0.4] * 5 + [0.3]
    convolutions = [layer for kind, layer in kinds if kind == "Conv2D"]
    assert {(c.kernel_size, c.padding) for c in convolutions} == {((3, 3), "valid")}
    assert [layer.pool_size for kind, layer in kinds if kind == "MaxPooling2D"] == [(2, 2)] * 4


def test_the_defaults_are_the_notebooks() -> None:
    config = TrainingConfig(Path("data"), Path("run"))
    assert (config.batch_size, config.epochs, config.patience) == (128, 100, 7)
    assert (config.learning_rate, config.schedule, config.dropout_scale) == (1e-3, "constant", 1)
    assert (config.augmentation, config.votes_share, config.choose_by) == ("none", 0, "loss")
    assert TrainingConfig.from_json(json.loads(json.dumps(config.to_json()))) == config
    assert TrainingConfig.from_json({**config.to_json(), "flip": True}) == config


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("faces")
    rng = np.random.default_rng(1)
    for split, count in (("train", 6), ("test", 2)):
        for brightness, emotion in enumerate(EMOTIONS):
            folder = root / split / emotion
            folder.mkdir(parents=True)
            for number in range(count):
                noise = rng.integers(0, 20, (48, 48))
                cv2.imwrite(str(folder / f"{number}.png"), (brightness * 30 + noise).astype("u1"))
    (root / "train" / "sad" / "broken.jpg").write_bytes(b"nothing")
    return root


def train_to_the_end(config: TrainingConfig) -> list[dict]:
    with train_job(config, name="mine") as job:
        events = list(job.events())
    assert events[-1]["event"] == "done"
    return events


@pytest.fixture(scope="module")
def run(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict]]:
    run_dir = tmp_path_factory.mktemp("runs") / "first"
    config = TrainingConfig(dataset, run_dir, epochs=2, batch_size=12, validation_share=0.2)
    return run_dir, train_to_the_end(config)


@pytest.fixture(scope="module")
def short_run(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    """A run of one epoch that is over; who changes its folder takes a copy."""
    run_dir = tmp_path_factory.mktemp("runs") / "short"
    config = TrainingConfig(dataset, run_dir, "seed-small", epochs=1, batch_size=16)
    train_to_the_end(config)
    return config


def test_training_tells_how_it_goes_and_ends_with_a_bundle(
    run: tuple[Path, list[dict]],
) -> None:
    run_dir, events = run
    kinds = [event["event"] for event in events]
    assert kinds[:3] == ["warning", "data", "start"]
    assert (kinds.count("epoch"), kinds[-3:]) == (2, ["finishing", "usable", "done"])
    ends = [event for event in events if event["event"] == "batch" and event["batch"] == 3]
    assert [(end["epoch"], end["batches"]) for end in ends] == [(1, 3), (2, 3)]
    assert ends[1]["faces_per_s"] > 0 and ends[1]["seconds_left"] >= 0
    epochs = [event for event in events if event["event"] == "epoch"]
    assert all(epoch["seconds"] > 0 and epoch["learning_rate"] > 0 for epoch in epochs)
    assert epochs[-1]["seconds_left"] == 0
    assert "broken.jpg" in events[0]["message"]
    assert events[2]["parameters"] == 4_232_199
    best, last = (kept(run_dir).stat().st_size for kept in (best_model, last_model))
    assert best < last / 2, "the best network comes without its optimizer"
    bundle = load_bundle(run_dir / "mine", verify_all=True)
    assert bundle.card.metrics["test"]["faces"] == 14
    assert bundle.card.data["name"] in bundle.card.licence
    assert "FER2013" not in bundle.card.licence and "GPL" not in bundle.card.licence
    assert set(bundle.card.sha256) == {"model.tflite", "model_float.tflite", "model.keras"}
    written = [json.loads(line) for line in (run_dir / "events.jsonl").read_text().splitlines()]
    assert written == [event for event in events if event["event"] != "batch"]
    assert not list(run_dir.glob(".bundle-*"))


def test_few_faces_from_scratch_leave_the_confidence_as_it_is(
    run: tuple[Path, list[dict]],
) -> None:
    card = load_bundle(run[0] / "mine").card
    assert card.metrics["validation"]["faces"] < FEWEST_TO_FIT
    assert (card.temperature, card.sure_threshold) == (1.0, 1.0)
    assert "its confidence is not calibrated" in card.limits


def test_a_finished_run_keeps_its_figures_and_what_it_says_of_faces(
    run: tuple[Path, list[dict]],
) -> None:
    run_dir, _ = run
    results, answers = read_results(run_dir), read_answers(run_dir)
    assert results is not None
    assert (results.model, results.split, results.figures["faces"]) == ("mine", "test", 14)
    assert results.counts.sum() == sum(b.faces for b in results.after) == 14
    assert answers.pixels.shape == (14, 48, 48)
    assert answers.labels.tolist() == sorted([*range(7), *range(7)])
    check = self_check(load_bundle(run_dir / "mine"), answers)
    assert (check.passed, check.faces) == (True, 14)
    assert np.allclose(answers.int8.sum(axis=1), 1, atol=1e-5)


def test_figures_that_were_not_kept_can_be_worked_out_later(
    run: tuple[Path, list[dict]], tmp_path: Path
) -> None:
    run_dir, _ = run
    old = Path(shutil.copytree(run_dir, tmp_path / "old"))
    kept = read_answers(old)
    for name in (RESULTS, ANSWERS):
        (old / name).unlink()
    with results_job(old, old / "mine") as job:
        assert list(job.events())[-1]["event"] == "done"
    again = read_answers(old)
    assert np.array_equal(again.labels, kept.labels)
    assert np.allclose(again.keras, kept.keras, atol=1e-6)
    report = tmp_path / "report.html"
    with run_report_job(old, report) as job:
        assert list(job.events())[-1]["file"] == str(report)
    text = report.read_text(encoding="utf-8")
    assert "surprise" in text
    assert text.count("data:image/png;base64,") == 5
    assert "http" not in text


def test_figures_of_another_data_set_are_not_worked_out(
    run: tuple[Path, list[dict]], dataset: Path, tmp_path: Path
) -> None:
    run_dir, _ = run
    old = Path(shutil.copytree(run_dir, tmp_path / "old"))
    other = Path(shutil.copytree(dataset, tmp_path / "faces"))
    (other / "test" / "sad" / "1.png").unlink()
    record = json.loads((old / "run.json").read_text())
    record["config"]["dataset"] = str(other)
    (old / "run.json").write_text(json.dumps(record))
    with results_job(old, old / "mine") as job, pytest.raises(TrainingError, match="not what it"):
        list(job.events())


def test_a_killed_run_resumes_to_the_history_of_an_unbroken_one(
    dataset: Path, tmp_path: Path
) -> None:
    def config(name: str, epochs: int, **more: object) -> TrainingConfig:
        return TrainingConfig(
            dataset,
            tmp_path / name,
            "fercam-nano",
            epochs=epochs,
            batch_size=16,
            validation_share=0.2,
            augmentation="webcam",
            mixup=0.2,
            optimizer="adamw",
            schedule="cosine",
            averaging=0.9,
            **more,
        )

    train_to_the_end(config("whole", 4))
    with train_job(config("killed", 4), name="mine") as job:
        finished = 0
        for event in job.events():
            finished += event["event"] == "epoch"
            if finished == 2 and event["event"] == "batch":
                job.kill()
                break
    train_to_the_end(config("killed", 4, resume=True))
    whole, resumed = (read_history(tmp_path / name) for name in ("whole", "killed"))
    assert [row["epoch"] for row in resumed] == [1, 2, 3, 4]
    for one, other in zip(whole, resumed, strict=True):
        assert one == pytest.approx(other, abs=1e-6)


def test_the_learning_rate_rises_and_falls_along_a_cosine() -> None:
    config = TrainingConfig(Path(), Path(), epochs=4, learning_rate=1.0, warmup_epochs=1.0)
    assert {learning_rate(config, step, 40) for step in range(40)} == {1.0}
    rates = [learning_rate(replace(config, schedule="cosine"), step, 40) for step in range(40)]
    assert rates[:10] == pytest.approx([0.1 * step for step in range(1, 11)])
    assert rates[25] == pytest.approx(0.5)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 0.01
    short = replace(config, schedule="cosine", epochs=1, warmup_epochs=2.0)
    assert learning_rate(short, 0, 1) > 0


def test_a_killed_run_takes_the_makers_of_its_batches_with_it(
    dataset: Path, tmp_path: Path
) -> None:
    config = TrainingConfig(dataset, tmp_path / "run", "seed-small", batch_size=16, workers=1)
    with train_job(config, name="mine") as job:
        events = job.events()
        while next(events)["event"] != "batch":
            pass
        job.kill()
        with pytest.raises(TrainingError, match="ended from outside"):
            list(events)  # whose end comes only when nobody holds the output any more


def test_a_run_is_not_resumed_with_other_data(
    run: tuple[Path, list[dict]], dataset: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(dataset, tmp_path / "faces"))
    (other / "train" / "sad" / "1.png").unlink()
    mine = Path(shutil.copytree(run[0], tmp_path / "run"))
    config = TrainingConfig(other, mine, epochs=3, resume=True, validation_share=0.2)

    def content() -> dict[Path, bytes]:
        files = (path for path in mine.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in files if path.name != "events.jsonl"}

    before = content()
    with train_job(config, name="mine") as job, pytest.raises(TrainingError, match="not the one"):
        list(job.events())
    assert content() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("--set architecture=fercam-nano", "The run began with architecture=seed-small"),
        ("--set seed=5", "The run began with seed=1"),
        ("--batch 8", "The run began with batch_size=16"),
        ("--arch fercam-nano", "The run began with architecture=seed-small"),
        ("--seed 5", "The run began with seed=1"),
        ("--weights fercam", "The run began without weights"),
        ("--teacher somebody", "The run began without teachers"),
        ("--set averaging=0.9", "The run began with averaging=0.0"),
        ("--set enlarged_px=64", "The run began with enlarged_px=96"),
        ("--set dropout_scale=0.5", "The run began with dropout_scale=1.0"),
        ("--set initializer=he_normal", "The run began with initializer=glorot_uniform"),
        ("--set precision=float32", "The run began with precision=auto"),
        ("--set choose_by=balanced", "The run began with choose_by=loss"),
        ("--recipe strong", "augmentation=none, which is webcam in the recipe 'strong'"),
        ("--recipe notebook", "batch_size=16, which is 128 in the recipe 'notebook'"),
    ],
)
def test_what_epochs_depend_on_stays_as_the_run_began(
    short_run: TrainingConfig,
    capsys: pytest.CaptureFixture[str],
    change: str,
    words: str,
) -> None:
    line = ["train", str(short_run.dataset), "-o", str(short_run.run_dir), "--resume"]
    assert cli.main([*line, *change.split()]) == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert words in told


def test_a_run_is_resumed_with_the_line_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or with its own settings named in part, and with what may change."""
    asked: list[TrainingConfig] = []

    def job(config: TrainingConfig, **_: object) -> InterruptedJob:
        asked.append(config)
        return InterruptedJob(TrainingError("Nothing was kept."))

    monkeypatch.setattr("fercam.training.job.train_job", job)
    run = tmp_path / "run"
    teacher = make_run(tmp_path / "teacher", None)
    best_model(teacher).touch()
    began = ["train", "faces", "-o", str(run), "--arch", "fercam-nano", "--seed", "3"]
    began += ["--recipe", "strong", "--weights", "fercam", "--teacher", str(teacher)]
    began += ["--batch", "32", "--set", "mixup=0.1"]
    assert cli.main(began) == 1
    run.mkdir()
    record = {"config": asked[0].to_json()}
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    for line in (began, began[:4], [*began[:4], "--epochs", "9", "--seed", "3"]):
        assert cli.main([*line, "--resume"]) == 1
    assert asked[1:3] == [replace(asked[0], resume=True)] * 2
    assert asked[3] == replace(asked[0], resume=True, epochs=9)


@pytest.mark.parametrize(("called", "name"), [("Grandpa", "Grandpa"), ("", "fercam-nano")])
def test_a_run_is_resumed_under_the_name_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str, name: str
) -> None:
    """Of older runs that is their architecture."""
    names: list[str] = []

    def job(_: TrainingConfig, name: str) -> InterruptedJob:
        names.append(name)
        return InterruptedJob(TrainingError("Nothing was kept."))

    monkeypatch.setattr("fercam.training.job.train_job", job)
    run = make_run(tmp_path / "run", None, called=called, architecture="fercam-nano")
    assert cli.main(["train", "faces", "-o", str(run), "--resume"]) == 1
    assert names == [name]


def test_a_refused_run_takes_nothing_of_others_with_it(tmp_path: Path) -> None:
    config = TrainingConfig(tmp_path / "faces", tmp_path / "run")
    for others in ((), ("notes.txt",)):
        with pytest.raises(DataError), engine._begun(config, "mine"):
            for name in others:
                (config.run_dir / name).touch()
            raise DataError("There is no data set.")
        assert config.run_dir.exists() == bool(others)
        assert [file.name for file in config.run_dir.glob("*")] == list(others)


@pytest.mark.parametrize("resume", [True, False])
def test_who_is_refused_since_a_run_is_under_way_leaves_its_files_alone(
    tmp_path: Path, resume: bool
) -> None:
    """Also what that run is asked to do meanwhile."""
    run = make_run(tmp_path / "run", None)
    events_file(run).write_text('{"event": "alone"}\n', encoding="utf-8")
    wish_file(run).write_text("pause", encoding="utf-8")
    with SessionLock(run):
        before = {file: file.read_bytes() for file in run.iterdir()}
        config = TrainingConfig(tmp_path / "faces", run, resume=resume)
        with (
            train_job(config, name="mine") as job,
            pytest.raises(TrainingError, match="is under way already"),
        ):
            list(job.events())
        assert {file: file.read_bytes() for file in run.iterdir()} == before


def test_what_was_asked_of_a_run_before_it_is_resumed_is_no_longer_asked(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", None)
    wish_file(run).write_text("stop", encoding="utf-8")
    with engine._begun(TrainingConfig(tmp_path / "faces", run, resume=True), "mine"):
        assert not wish_file(run).exists()


def test_a_run_whose_folder_cannot_be_locked_says_so(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", None)
    (run / LOCK_NAME).mkdir()
    config = TrainingConfig(tmp_path / "faces", run, resume=True)
    with (
        pytest.raises(TrainingError, match=r"cannot be written \("),
        engine._begun(config, "mine"),
    ):
        pass


def test_a_loss_that_is_no_number_ends_the_run_in_one_sentence(
    dataset: Path, tmp_path: Path
) -> None:
    config = TrainingConfig(
        dataset, tmp_path / "run", "seed-small", batch_size=16, learning_rate=1e30
    )
    with train_job(config, name="mine") as job, pytest.raises(TrainingError, match="went astray"):
        list(job.events())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--arch", "typo"], "no architecture 'typo'"),
        (["--teacher", "nowhere"], "nowhere is no run"),
        (["--seed", "-1"], "'seed' cannot be negative"),
        (["--set", "averaging=1.5"], "'averaging' is"),
        (["--arch", "transfer"], "no backbone ''"),
    ],
)
def test_a_setting_that_is_refused_leaves_no_folder(
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    wrong: list[str],
    words: str,
) -> None:
    assert cli.main(["train", str(dataset), "-o", str(tmp_path / "run"), *wrong]) == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert words in told
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("resume", [True, False])
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"validation_share": 10.0}, "'validation_share' is 0.9 at most"),
        ({"averaging": 1.0}, "'averaging' is 0.99999 at most"),
        ({"dropout_scale": float("nan")}, "'nan' is not a value for 'dropout_scale'"),
        ({"epochs": "many"}, "'many' is not a value for 'epochs'"),
        ({"batch_size": 0}, "'batch_size' cannot be 0"),
        ({"optimizer": "sgd"}, "'optimizer' is one of: adam, adamw"),
    ],
)
def test_settings_that_make_no_sense_are_refused_whoever_asks(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    wrong: dict[str, object],
    words: str,
    resume: bool,
) -> None:
    """Also those of an older run; nothing of a new one is left."""
    run = tmp_path / "run"
    if resume:
        make_run(run, None, **wrong)
    config = TrainingConfig(tmp_path / "none", run, resume=resume, **wrong)  # type: ignore[arg-type]
    request = {"command": "train", "config": config.to_json(), "name": "mine"}
    assert engine.main([json.dumps(request)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["usage"], words in told["message"]) == (True, True)
    assert run.exists() == resume


def test_weights_that_do_not_fit_are_refused_before_the_data_are_read(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty, run = tmp_path / "empty", tmp_path / "run"
    empty.mkdir()
    line = ["train", str(empty), "-o", str(run), "--weights", str(tiny_bundle / "model.keras")]
    assert cli.main(line) == 1
    (told,) = capsys.readouterr().err.splitlines()
    assert "model.keras does not fit seed" in told
    assert not run.exists()


@pytest.mark.parametrize("damage", [lambda whole: whole[: len(whole) // 2], lambda whole: b"what"])
def test_a_run_whose_last_network_is_damaged_says_what_to_do(
    short_run: TrainingConfig, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    run_dir = Path(shutil.copytree(short_run.run_dir, tmp_path / "run"))
    last_model(run_dir).write_bytes(damage(last_model(run_dir).read_bytes()))
    config = replace(short_run, run_dir=run_dir, resume=True, epochs=2)
    with pytest.raises(TrainingError, match=r"last_model.keras is damaged.*; train anew, "):
        network(config)


def test_damage_to_a_run_that_is_resumed_is_one_sentence(
    short_run: TrainingConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_dir = Path(shutil.copytree(short_run.run_dir, tmp_path / "run"))
    (run_dir / "history.csv").write_text("epoch,loss\n1\n", encoding="utf-8")
    events_file(run_dir).unlink()  # which tells of the epochs too
    assert cli.main(["train", str(short_run.dataset), "-o", str(run_dir), "--resume"]) == 1
    (told,) = capsys.readouterr().err.splitlines()
    assert "history.csv is damaged; delete it" in told


@pytest.mark.parametrize("kept", [True, False])
def test_control_c_waits_for_what_is_kept(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kept: bool,
) -> None:
    ends = [{"event": "done", "bundle": "runs/mine", "metrics": {}, "seconds": 1.0}]
    job = InterruptedJob(ends if kept else TrainingError("Nothing was kept."))
    monkeypatch.setattr("fercam.training.job.train_job", lambda *_, **__: job)
    status = cli.main(["train", str(dataset), "-o", str(tmp_path / "run")])
    said = capsys.readouterr()
    assert "Stopping after this batch" in said.err
    if kept:
        assert status == 0 and "runs/mine" in said.out
    else:
        assert status == 1 and "Nothing was kept." in said.err


def test_a_run_may_validate_and_keep_every_few_epochs(dataset: Path, tmp_path: Path) -> None:
    config = TrainingConfig(
        dataset, tmp_path / "run", "seed-small", epochs=5, batch_size=16, validate_every=2
    )
    with train_job(config, name="mine") as job:
        epochs = [event for event in job.events() if event["event"] == "epoch"]
    assert [event["epoch"] for event in epochs] == [2, 4, 5]
    assert [row["epoch"] for row in read_history(tmp_path / "run")] == [2, 4, 5]


def test_a_finished_run_gives_its_model_again(short_run: TrainingConfig, tmp_path: Path) -> None:
    run_dir = Path(shutil.copytree(short_run.run_dir, tmp_path / "run"))
    shutil.rmtree(run_dir / "mine")
    last_model(run_dir).unlink()
    events = train_to_the_end(replace(short_run, run_dir=run_dir, resume=True))
    assert [event["event"] for event in events[-4:]] == ["start", "finishing", "usable", "done"]
    assert load_bundle(run_dir / "mine", verify_all=True).card.name == "mine"


@pytest.mark.parametrize("read_its_data", [True, False])
def test_a_run_that_was_killed_before_its_first_epoch_was_done_begins_anew(
    short_run: TrainingConfig, tmp_path: Path, read_its_data: bool
) -> None:
    run_dir = Path(shutil.copytree(short_run.run_dir, tmp_path / "run"))
    last_model(run_dir).unlink()
    best_model(run_dir).unlink()  # as if the kill had come before them
    if not read_its_data:
        write_record(run_dir, begun_record(replace(short_run, run_dir=run_dir), "mine"))
    train_to_the_end(replace(short_run, run_dir=run_dir, resume=True))
    (whole,), (again,) = read_history(short_run.run_dir), read_history(run_dir)
    assert again == pytest.approx(whole, abs=1e-6)


def test_a_run_in_mixed_precision_gives_an_exact_bundle(dataset: Path, tmp_path: Path) -> None:
    config = TrainingConfig(
        dataset, tmp_path / "run", "fercam-nano", epochs=1, precision="mixed_bfloat16"
    )
    train_to_the_end(config)
    bundle = load_bundle(tmp_path / "run" / "mine", verify_all=True)
    faces = np.random.default_rng(1).integers(0, 256, (9, 48, 48)).astype(np.uint8)
    exact, live = (classifier_of(bundle, runtime)(faces) for runtime in ("keras", "float"))
    assert live == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_train_and_leave_the_live_files_to_tensorflow(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    if find_spec(backend) is None:
        pytest.skip(f"{backend}, another backend of Keras, is not installed")
    config = TrainingConfig(dataset, tmp_path / "run", "fercam-nano", epochs=2, averaging=0.9)
    monkeypatch.setenv("KERAS_BACKEND", backend)
    events = train_to_the_end(config)
    assert events[-1]["bundle"] is None
    losses = [event["val_loss"] for event in events if event["event"] == "epoch"]
    assert np.isfinite(losses).all() and len(losses) == 2
    monkeypatch.delenv("KERAS_BACKEND")
    train_to_the_end(replace(config, resume=True))
    assert load_bundle(tmp_path / "run" / "mine", verify_all=True).card.name == "mine"


def test_a_run_that_never_began_cannot_be_resumed(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with (
        train_job(TrainingConfig(dataset, tmp_path / "empty", resume=True), name="mine") as job,
        pytest.raises(TrainingError, match="no unfinished run"),
    ):
        list(job.events())


def test_the_runtimes_agree_on_a_data_set(run: tuple[Path, list[dict]], dataset: Path) -> None:
    run_dir, _ = run
    with evaluate_job(dataset, str(run_dir / "mine"), None, "all", detect=False) as job:
        result = list(job.events())[-1]["result"]
    assert (result["split"], result["faces"]) == ("test", 14)
    assert list(result["runtimes"]) == ["int8", "float", "keras"]
    error = {name: row["ece"] for name, row in result["runtimes"].items()}
    assert result["ece"] == error["int8"] == pytest.approx(error["keras"], abs=0.02)
    assert error["float"] == pytest.approx(error["keras"], abs=1e-4)


@pytest.mark.parametrize(("every", "first"), [(1, "epoch was"), (30, "30 epochs were")])
def test_closing_the_job_early_keeps_nothing_half_done(
    every: int, first: str, dataset: Path, tmp_path: Path
) -> None:
    config = TrainingConfig(
        dataset, tmp_path / "run", epochs=50, batch_size=4, validate_every=every
    )
    with train_job(config, name="mine") as job:
        events: Iterator[dict] = job.events()
        while next(events)["event"] != "batch":
            pass
        job.stop()
        with pytest.raises(TrainingError, match=f"before its first {first} done"):
            list(events)
    assert not (tmp_path / "run" / "mine").exists()


def test_an_error_of_the_engine_is_one_sentence(tmp_path: Path) -> None:
    with (
        train_job(TrainingConfig(tmp_path / "none", tmp_path / "run"), "mine") as job,
        pytest.raises(TrainingError, match=r"There is no data set at .*none\."),
    ):
        list(job.events())


def test_an_engine_that_dies_is_reported_with_its_last_words() -> None:
    with (
        EngineJob({"command": "no such command"}) as job,
        pytest.raises(TrainingError, match=r"ended unexpectedly .*KeyError"),
    ):
        list(job.events())


def test_a_new_run_never_overwrites_another(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TrainingError, match="in use already"):
        new_run_dir(tmp_path, "seed", resume=False)
    assert new_run_dir(tmp_path / "new", "seed", resume=False) == tmp_path / "new"
    with pytest.raises(UsageError, match="needs the folder"):
        new_run_dir(None, "seed", resume=True)
    with pytest.raises(TrainingError, match="no unfinished run to resume in"):
        new_run_dir(tmp_path / "nowhere", "seed", resume=True)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(122, "Disk quota exceeded"), "Disk quota exceeded"),
        (
            OSError(30, "Read-only file system", "/out"),
            "/out cannot be used (Read-only file system).",
        ),
        (OSError("Can't synchronously write data"), "Can't synchronously write data"),
        (OSError(28, "No space left on device"), "The disk is full; make room on it."),
    ],
)
def test_what_the_system_refuses_is_said_without_its_numbers(
    error: OSError,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refused(request: object, emit: object) -> None:
        raise error

    monkeypatch.setitem(engine.COMMANDS, "report", refused)
    monkeypatch.setattr(engine, "_end_when_stdin_closes", lambda: None)
    assert engine.main([json.dumps({"command": "report"})]) == 1
    assert json.loads(capsys.readouterr().out) == {"event": "error", "message": said}
