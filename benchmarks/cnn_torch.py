"""Trains the network of `build_cnn` in PyTorch: cnn_torch.py STEPS EPOCHS BATCH THREADS FILTER...

Prints its number of weights and the seconds of the last epoch. It imports nothing of the project,
so that it can run where only PyTorch is installed.
"""

import sys
from itertools import pairwise
from time import perf_counter

import torch
from torch import nn

steps, epochs, batch, threads, *filters = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(1)

layers: list[nn.Module] = []
side = 28
for i, (before, count) in enumerate(pairwise([1, *filters]), 1):
    normalised, stride = i > len(filters) - 2, 2 - i % 2
    layers.append(nn.Conv2d(before, count, 3, stride, bias=not normalised))
    layers += [nn.BatchNorm2d(count)] * normalised + [nn.ReLU()]
    side = (side - 3) // stride + 1
network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(filters[-1] * side**2, 10))
optimizer = torch.optim.AdamW(network.parameters(), lr=0.001, weight_decay=0.05)
images, labels = torch.rand(steps * batch, 1, 28, 28), torch.randint(10, (steps * batch,))
for _ in range(epochs):
    start = perf_counter()
    for rows in torch.randperm(len(images)).split(batch):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images[rows]), labels[rows]).backward()
        optimizer.step()
    seconds = perf_counter() - start
print(sum(weights.numel() for weights in network.parameters()), seconds)
