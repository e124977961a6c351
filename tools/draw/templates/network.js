// Runs a network as tools/draw/graph.py describes it: one operation after the other, each from
// arrays to an array. A tensor is { data, shape }, in row-major order.

const count = (shape) => shape.reduce((product, side) => product * side, 1);

// Copies `from` into `to`, moved by `offset`; what comes to lie outside is left out.
function place(from, to, offset, axis = 0, i = 0, j = 0) {
  for (let k = 0; k < from.shape[axis]; k++) {
    const at = k + offset[axis];
    if (at < 0 || at >= to.shape[axis]) continue;
    const [source, target] = [i * from.shape[axis] + k, j * to.shape[axis] + at];
    if (axis < offset.length - 1) place(from, to, offset, axis + 1, source, target);
    else to.data[target] = from.data[source];
  }
}

const placeAll = (inputs, output, { offsets }) =>
  inputs.forEach((input, i) => place(input, output, offsets[i]));

// Multiplies `length` values of the input, from `start` on, with a matrix that starts at `first` in
// the weights, and adds the products to the output, from `target` on. It has a row of weights for
// each value. Most values are 0, in an image and after a ReLU, and are left out.
function multiply({ data }, start, weights, first, length, output, target) {
  const [width, rows, sums] = [output.shape.at(-1), weights.data, output.data];
  for (let k = 0; k < length; k++) {
    const [value, row] = [data[start + k], first + k * width];
    if (value === 0) continue;
    for (let j = 0; j < width; j++) sums[target + j] += value * rows[row + j];
  }
}

function addBias({ data }, bias) {
  if (bias) data.forEach((_, i) => (data[i] += bias.data[i % bias.data.length]));
}

// Slides a window over an image, and calls visit(target, start, length, place) for each of its rows
// that lie within: the window's place in the output, where the row starts in the image, how many
// values it has, and where it starts in the window.
function slide([rows, columns, channels], output, { size, strides, before }, visit) {
  const [batch, height, width] = output.shape;
  for (let target = 0; target < batch * height * width; target++) {
    const n = Math.floor(target / width / height);
    const top = (Math.floor(target / width) % height) * strides[0] - before[0];
    const left = (target % width) * strides[1] - before[1];
    const first = Math.max(0, -left);
    const length = (Math.min(size[1], columns - left) - first) * channels;
    for (let k = Math.max(0, -top); k < Math.min(size[0], rows - top); k++) {
      const start = ((n * rows + top + k) * columns + left + first) * channels;
      visit(target, start, length, (k * size[1] + first) * channels);
    }
  }
}

const OPERATIONS = {
  PAD: placeAll,
  STRIDED_SLICE: placeAll,
  CONCATENATION: placeAll,
  RESHAPE: ([input], output) => output.data.set(input.data),
  RELU: ([input], output) => output.data.set(input.data.map((value) => Math.max(0, value))),
  ADD: ([a, b], { data }) =>
    data.forEach((_, i) => (data[i] = a.data[i % a.data.length] + b.data[i % b.data.length])),
  MUL: ([a, b], { data }) =>
    data.forEach((_, i) => (data[i] = a.data[i % a.data.length] * b.data[i % b.data.length])),

  MEAN([input], { data }, { count, inner }) {
    input.data.forEach((value, i) => {
      const outer = Math.floor(i / inner / count);
      data[outer * inner + (i % inner)] += value / count;
    });
  },

  SOFTMAX([input], { data, shape }) {
    const width = shape.at(-1);
    for (let start = 0; start < data.length; start += width) {
      const row = input.data.subarray(start, start + width);
      const powers = row.map((value) => Math.exp(value - Math.max(...row)));
      const sum = powers.reduce((total, value) => total + value);
      data.set(powers.map((value) => value / sum), start);
    }
  },

  FULLY_CONNECTED([input, weights, bias], output) {
    const [units, length] = weights.shape;
    for (let row = 0; row * length < input.data.length; row++) {
      multiply(input, row * length, weights, 0, length, output, row * units);
    }
    addBias(output, bias);
  },

  CONV_2D([input, weights, bias], output, options) {
    const filters = output.shape[3];
    slide(input.shape.slice(1), output, options, (target, start, length, place) =>
      multiply(input, start, weights, place * filters, length, output, target * filters));
    addBias(output, bias);
  },

  MAX_POOL_2D([input], output, options) {
    const channels = output.shape[3];
    output.data.fill(-Infinity);
    slide(input.shape.slice(1), output, options, (target, start, length) => {
      for (let k = 0; k < length; k++) {
        const i = target * channels + (k % channels);
        output.data[i] = Math.max(output.data[i], input.data[start + k]);
      }
    });
  },
};

function loadNetwork({ shapes, starts, weights, ...graph }) {
  const bytes = Uint8Array.from(atob(weights), (character) => character.charCodeAt(0));
  const values = new Float32Array(bytes.buffer);
  const trained = {};
  for (const [tensor, start] of Object.entries(starts)) {
    const shape = shapes[tensor];
    trained[tensor] = { shape, data: values.subarray(start, start + count(shape)) };
  }
  return { shapes, trained, ...graph };
}

// Returns the probabilities of an image (Float32Array, in [0, 1]), its shifted copies and their
// probabilities, one after the other; without shifts, these two are undefined.
function runNetwork({ shapes, trained, operations, input, output, copies, votes }, image) {
  const tensors = { ...trained, [input]: { shape: shapes[input], data: image } };
  for (const { name, from, to, relu, ...options } of operations) {
    const result = { shape: shapes[to], data: new Float32Array(count(shapes[to])) };
    OPERATIONS[name](from.map((tensor) => tensors[tensor]), result, options);
    if (relu) result.data.forEach((value, i) => value < 0 && (result.data[i] = 0));
    tensors[to] = result;
  }
  const give = (tensor) => tensors[tensor]?.data;
  return { probabilities: give(output), copies: give(copies), votes: give(votes) };
}
