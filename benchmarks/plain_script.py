"""The article's recipe as one plain script, in the honest order: split first, then train.

    python plain_script.py article        # its multilayer perceptron
    python plain_script.py convolution    # a plain convolutional network in its place

Run in a folder with the competition's train.csv and test.csv. Nothing in it is sped up or
slowed down: it is what a reader of the article would write.
"""

import json
import sys
import time
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from sklearn.model_selection import train_test_split
from tensorflow import keras

train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv")
images = train.drop(columns="label").to_numpy().reshape(-1, 28, 28, 1) / 255
labels = train["label"].to_numpy()
test_images = test.to_numpy().reshape(-1, 28, 28, 1) / 255
x, x_validation, y, y_validation = train_test_split(
    images, labels, test_size=0.2, stratify=labels, random_state=42
)

layers = keras.layers
if sys.argv[1] == "article":
    epochs, batch_size = 5, 32
    hidden = [layers.Flatten(), layers.Dense(128, "relu"), layers.Dense(64, "relu")]
else:
    epochs, batch_size = 15, 128
    hidden = [
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.5),
    ]
model = keras.Sequential(
    [keras.Input((28, 28, 1)), *hidden, layers.Dense(10, activation="softmax")]
)
model.summary()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
start = time.perf_counter()
model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=2)
seconds = time.perf_counter() - start
loss, accuracy = model.evaluate(x_validation, y_validation, verbose=2)
print(f"validation loss {loss:.4f}, accuracy {accuracy:.4f}")

start = time.perf_counter()
test_predicted = model.predict(test_images).argmax(axis=1)
prediction = time.perf_counter() - start
figure, axes = plt.subplots(2, 5)
for axis, image, digit in zip(axes.flat, test_images, test_predicted, strict=False):
    axis.imshow(image[:, :, 0], cmap="gray")
    axis.set_title(f"Predicted: {digit}")
    axis.axis("off")
figure.savefig("test_digits.png")
submission = pd.DataFrame({"ImageId": range(1, len(test) + 1), "Label": test_predicted})
submission.to_csv("submission.csv", index=False)
model.save("model.keras")
result = {"fit": seconds, "accuracy": accuracy, "prediction": prediction}
result["size"] = Path("model.keras").stat().st_size / 1e6
Path("result.json").write_text(json.dumps(result))
