// Grids of numbers, and what SciPy and Pillow do with them. A grid is { height, width, data }, in
// row-major order.

const fill = ({ height, width }, compute) => {
  const data = new Float32Array(height * width);
  for (let i = 0; i < data.length; i++) data[i] = compute(i);
  return { height, width, data };
};

// Rounds halves to even, as Python does.
const round = (value) => {
  const above = Math.round(value);
  return above - value === 0.5 && above % 2 ? above - 1 : above;
};

// Returns the smallest box around the pixels that are not 0.
function findBox({ width, data }) {
  const box = { top: Infinity, bottom: 0, left: Infinity, right: 0 };
  data.forEach((value, i) => {
    if (!value) return;
    const [y, x] = [Math.floor(i / width), i % width];
    [box.top, box.bottom] = [Math.min(box.top, y), Math.max(box.bottom, y + 1)];
    [box.left, box.right] = [Math.min(box.left, x), Math.max(box.right, x + 1)];
  });
  return box;
}

const longerSide = ({ top, bottom, left, right }) => Math.max(bottom - top, right - left);

// Cuts a box out, with a margin around it; what lies outside of the grid is background.
function cut({ height, width, data }, { top, bottom, left, right }, margin = 0, background = 0) {
  const size = { height: bottom - top + 2 * margin, width: right - left + 2 * margin };
  return fill(size, (i) => {
    const [y, x] = [Math.floor(i / size.width) + top - margin, (i % size.width) + left - margin];
    return y < 0 || x < 0 || y >= height || x >= width ? background : data[y * width + x];
  });
}

// Blurs each column with a Gaussian, and exchanges rows and columns.
function blurColumns({ height, width, data }, deviation) {
  const radius = Math.floor(4 * deviation + 0.5);
  const shape = Array.from({ length: radius + 1 }, (_, k) => Math.exp((-k * k) / 2 / deviation ** 2));
  const total = 2 * shape.reduce((sum, weight) => sum + weight) - shape[0];
  const weights = shape.map((weight) => weight / total);
  return fill({ height: width, width: height }, (i) => {
    const [x, y] = [Math.floor(i / height), i % height];
    const value = (row) => data[Math.min(Math.max(row, 0), height - 1) * width + x];
    let sum = value(y) * weights[0];
    for (let k = radius; k > 0; k--) sum += (value(y - k) + value(y + k)) * weights[k];
    return sum;
  });
}

const BOX = { reach: 0.5, weigh: (x) => Number(x > -0.5 && x <= 0.5) };
const CUBIC = {
  reach: 2,
  weigh(x) {
    const far = Math.abs(x);
    if (far < 1) return (1.5 * far - 2.5) * far * far + 1;
    return far < 2 ? (((far - 5) * far + 8) * far - 4) * -0.5 : 0;
  },
};

// Scales each row to a length as Pillow does, and exchanges rows and columns.
function scaleRows({ height, width, data }, length, { reach, weigh }) {
  const [scale, wide] = [width / length, Math.max(1, width / length)];
  const windows = Array.from({ length }, (_, x) => {
    const centre = (x + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach * wide + 0.5));
    const end = Math.min(width, Math.trunc(centre + reach * wide + 0.5));
    const weights = [];
    for (let k = first; k < end; k++) weights.push(weigh((k - centre + 0.5) * (1 / wide)));
    const total = weights.reduce((sum, weight) => sum + weight);
    return { first, weights: weights.map((weight) => weight / total) };
  });
  return fill({ height: length, width: height }, (i) => {
    const { first, weights } = windows[Math.floor(i / height)];
    const start = (i % height) * width + first;
    return weights.reduce((sum, weight, k) => sum + data[start + k] * weight, 0);
  });
}

// See tools/recognize/images.py.
function resizeLongerSide(grid, size) {
  const scale = size / Math.max(grid.height, grid.width);
  const [height, width] = [grid.height, grid.width].map((side) => Math.max(2, round(side * scale)));
  const filter = scale > 1 ? CUBIC : BOX;
  return scaleRows(scaleRows(grid, width, filter), height, filter);
}

// Returns each pixel's distance to the nearest one that is `value`, 0 or 1: first along its column,
// then along its row. Above the limit, which saves time, it may be too large.
function measureDistances({ height, width, data }, value, limit = Infinity) {
  const steps = new Float64Array(data.length).fill(Infinity);
  for (const [first, end, step] of [[0, height, 1], [height - 1, -1, -1]]) {
    for (let y = first; y !== end; y += step) {
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const before = y === first ? Infinity : steps[i - step * width] + 1;
        steps[i] = data[i] === value ? 0 : Math.min(steps[i], before);
      }
    }
  }
  return steps.map((own, i) => {
    let best = own * own;
    const x = i % width;
    for (let k = 1; k < Math.min(width, limit) && k * k < best; k++) {
      const left = x >= k ? steps[i - k] : Infinity;
      const right = x + k < width ? steps[i + k] : Infinity;
      best = Math.min(best, k * k + Math.min(left, right) ** 2);
    }
    return Math.sqrt(best);
  });
}
