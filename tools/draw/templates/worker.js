// Frames and reads the drawings that the page sends, so that the page never waits.
let networks = [];
let FRAME = {};

const average = (arrays) => arrays[0].map((_, i) =>
  arrays.reduce((sum, array) => sum + array[i] / arrays.length, 0));

function read(image) {
  const results = networks.map((network) => runNetwork(network, Float32Array.from(image, (v) => v / 255)));
  const { copies, votes } = results[0];
  return {
    probabilities: average(results.map((result) => result.probabilities)),
    copies,
    votes: votes && average(results.map((result) => result.votes)),
  };
}

onmessage = ({ data: { model, drawing } }) => {
  if (model) {
    networks = model.networks.map(loadNetwork);
    FRAME = model.frame;
  } else {
    const image = frameDrawing(drawing);
    postMessage(image ? { image, ...read(image) } : {});
  }
};
