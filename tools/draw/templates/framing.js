// Frames a drawing exactly as tools/recognize frames a picture of it, in the same steps and with
// its constants, FRAME. A drawing has no light, no shadow and no paper that must be found.

// Returns the image that the network sees, uint8 (28 * 28), 255 is ink; null if there is no digit.
// `picture` is a grid of 0 to 255, black ink on white.
function frameDrawing(picture) {
  const box = findBox(fill(picture, (i) => picture.data[i] < 255));
  if (box.bottom === 0) return null;
  const margin = Math.ceil(6 * FRAME.blur); // pixels around the ink, more than the blur adds
  const smooth = blurColumns(blurColumns(cut(picture, box, margin, 255), FRAME.blur), FRAME.blur);
  const contrast = fill(smooth, (i) => 1 - Math.fround(smooth.data[i] / 255));
  const threshold = findThreshold(contrast);
  const parts = selectParts(fill(contrast, (i) => contrast.data[i] > threshold));
  const digit = parts && drawAsMnist(contrast, parts, threshold);
  return digit && placeInFrame(digit);
}

// See tools/recognize/ink.py: half of the contrast that strokes have.
function findThreshold({ data }) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const high = data.filter((value) => value > FRAME.contrast).sort();
  let middle = mean(high);
  for (let round = 0; round < FRAME.rounds; round++) {
    const above = high.filter((value) => value > middle);
    const below = high.filter((value) => value <= middle);
    if (above.length) middle = (mean(above) + mean(below)) / 2;
  }
  const upper = high.filter((value) => value >= middle);
  const [low, up] = [(upper.length - 1) >> 1, upper.length >> 1];
  return (upper[low] + upper[up]) / 4;
}

// Selects the largest connected part and what is close to it, without specks; null if it is too
// small for a digit. See tools/recognize/finding.py.
function selectParts(mask) {
  const parts = listParts(mask);
  const sides = parts.map((part) => longerSide(findBox(part)));
  const areas = parts.map(({ data }) => data.reduce((sum, value) => sum + value));
  const largest = areas.indexOf(Math.max(...areas));
  if (!(sides[largest] >= FRAME.smallest)) return null;
  const large = parts.filter((_, i) => sides[i] > FRAME.speck * sides[largest]);
  const kept = fill(mask, (i) => large.some(({ data }) => data[i]));
  const reach = (FRAME.gap / 2) * sides[largest];
  const distances = measureDistances(kept, 1, reach + 1);
  const groups = listParts(fill(mask, (i) => distances[i] <= reach));
  const group = groups.find(({ data }) => data[parts[largest].data.indexOf(1)]);
  return fill(mask, (i) => kept.data[i] && group.data[i]);
}

// Returns a mask of each connected part; diagonal pixels are connected too.
function listParts(mask) {
  const [left, parts] = [mask.data.slice(), []];
  const around = [-1, 0, 1].flatMap((x) => [x - mask.width, x, x + mask.width]);
  for (let first = left.indexOf(1); first >= 0; first = left.indexOf(1, first)) {
    const part = fill(mask, () => 0);
    const found = [first];
    for (let at = first; at !== undefined; at = found.pop()) {
      if (!left[at]) continue;
      left[at] = 0;
      part.data[at] = 1;
      for (const step of around) found.push(at + step);
    }
    parts.push(part);
  }
  return parts;
}

// See tools/recognize/strokes.py; null if there are no strokes.
function drawAsMnist(contrast, parts, threshold) {
  const box = findBox(parts);
  const near = measureDistances(cut(parts, box, FRAME.around), 1, FRAME.around + 1);
  const inked = cut(contrast, box, FRAME.around);
  const soft = fill(inked, (i) => near[i] <= FRAME.around && inked.data[i]);
  const large = resizeLongerSide(soft, FRAME.drawing);
  const whole = { top: 0, bottom: large.height, left: 0, right: large.width };
  const mask = cut(fill(large, (i) => large.data[i] > threshold), whole, FRAME.drawing / 4);
  const inside = measureDistances(mask, 0);
  const area = mask.data.reduce((sum, value) => sum + value);
  const width = (4 * inside.reduce((sum, value) => sum + value)) / area;
  const length = longerSide(findBox(mask));
  if (!(width <= FRAME.solid * length)) return null;
  const share = Math.min(Math.max(width / length, FRAME.thinnest), FRAME.thickest);
  const wider = (share * length - width) / (2 * (1 - share)); // on each side
  const outside = measureDistances(mask, 1, Math.max(0, wider) + 2);
  const distance = (i) => (mask.data[i] ? 0.5 - inside[i] : outside[i] - 0.5);
  const drawn = fill(mask, (i) => 255 * (distance(i) < wider));
  return resizeLongerSide(cut(drawn, findBox(drawn)), FRAME.digit);
}

// See tools/recognize/strokes.py.
function placeInFrame(digit) {
  const { height, width, data } = digit;
  const values = Uint8Array.from(data, round);
  const start = (length, position) => {
    let [mass, moment] = [0, 0];
    values.forEach((value, i) => {
      mass += value;
      moment += value * position(i);
    });
    const centre = Math.floor((2 * moment + mass) / (2 * mass));
    return Math.min(Math.max(FRAME.side / 2 - centre, 0), FRAME.side - length);
  };
  const top = start(height, (i) => Math.floor(i / width));
  const left = start(width, (i) => i % width);
  const image = new Uint8Array(FRAME.side ** 2);
  for (let y = 0; y < height; y++) {
    image.set(values.subarray(y * width, (y + 1) * width), (top + y) * FRAME.side + left);
  }
  return image;
}
