"""The whole job in one script: from labelled digits to an honest score and a submission.

    python docs/plain_script.py                # the article's multilayer perceptron
    python docs/plain_script.py convolution    # a plain convolutional network in its place

It is the recipe of the article "MNIST digit recognition" (Krunal Kapadiya, 2020-08-22), but scored
honestly: the validation rows are set apart before the training. Run it after `dvc repro`, which
writes data/raw; it writes to data/plain_script. Nothing in it is sped up or slowed down: it is
what a reader of the article would write.
"""

import sys
import time
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from sklearn.model_selection import train_test_split
from tensorflow import keras

train = pd.read_csv("data/raw/train.csv")
test = pd.read_csv("data/raw/test.csv")
images = train.drop(columns="label").to_numpy().reshape(-1, 28, 28, 1) / 255
labels = train["label"].to_numpy()
test_images = test.to_numpy().reshape(-1, 28, 28, 1) / 255
x, x_validation, y, y_validation = train_test_split(
    images, labels, test_size=0.2, stratify=labels, random_state=42
)

layers = keras.layers
if sys.argv[1:] == ["convolution"]:
    epochs, batch_size = 15, 128
    hidden = [
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.5),
    ]
else:
    epochs, batch_size = 5, 32
    hidden = [layers.Flatten(), layers.Dense(128, "relu"), layers.Dense(64, "relu")]
model = keras.Sequential(
    [keras.Input((28, 28, 1)), *hidden, layers.Dense(10, activation="softmax")]
)
model.summary()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
start = time.perf_counter()
model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=2)
print(f"trained in {time.perf_counter() - start:.2f} s")
loss, accuracy = model.evaluate(x_validation, y_validation, verbose=2)
print(f"validation loss {loss:.4f}, accuracy {accuracy:.4f}")

output = Path("data/plain_script")
output.mkdir(exist_ok=True)
test_predicted = model.predict(test_images, verbose=2).argmax(axis=1)
figure, axes = plt.subplots(2, 5)
for axis, image, digit in zip(axes.flat, test_images, test_predicted, strict=False):
    axis.imshow(image[:, :, 0], cmap="gray")
    axis.set_title(f"Predicted: {digit}")
    axis.axis("off")
figure.savefig(output / "test_digits.png")
submission = pd.DataFrame({"ImageId": range(1, len(test) + 1), "Label": test_predicted})
submission.to_csv(output / "submission.csv", index=False)
model.save(output / "model.keras")
