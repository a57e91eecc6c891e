// When flashes are seen and beeps heard in a playing video element, and by how much the browser itself says that they differ.

/** Tells at which second of its context each beep begins: the first loud sample after 50 ms of none. */
const ear = `registerProcessor('ear', class extends AudioWorkletProcessor {
  #loudAt = 0;
  process([[samples = []]]) {
    samples.forEach((sample, n) => {
      if (Math.abs(sample) < 0.25) return;
      const at = currentFrame + n;
      if (at - this.#loudAt > sampleRate / 20) this.port.postMessage(at / sampleRate);
      this.#loudAt = at;
    });
    return true;
  }
})`;

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));

export function createLipSync(video, getConnection) {
  /** By how much what plays now of the audio is older than what shows, by the browser's own estimate (RFC 3550 6.4.1). */
  async function ownOffset() {
    const reports = [...(await getConnection().getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
    const playing = (kind) => reports.find((report) => report.kind === kind).estimatedPlayoutTimestamp;
    return { atMs: performance.now(), ms: playing('video') - playing('audio') };
  }

  /** Looks each 100 ms until `isOver`. */
  async function ownOffsets(isOver) {
    const found = [];
    while (!isOver()) {
      found.push(await ownOffset());
      await seconds(0.1);
    }
    return found;
  }

  /** The moments, by performance.now(), at which the shown frame turns white. */
  function see(flashesMs, isOver) {
    const canvas = document.createElement('canvas');
    const painter = canvas.getContext('2d', { willReadFrequently: true });
    [canvas.width, canvas.height] = [16, 9];
    let wasBright = true;
    const look = (_now, { presentationTime }) => {
      painter.drawImage(video, 0, 0, 16, 9);
      const isBright = painter.getImageData(8, 4, 1, 1).data[0] > 128;
      if (isBright && !wasBright) flashesMs.push(presentationTime);
      wasBright = isBright;
      if (!isOver()) video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }

  return {
    /** What is seen and heard for so long, by performance.now(). Needs an AudioContext that runs (Chromium). */
    async live(count) {
      const context = new AudioContext();
      await context.resume();
      await context.audioWorklet.addModule(URL.createObjectURL(new Blob([ear], { type: 'text/javascript' })));
      const node = new AudioWorkletNode(context, 'ear');
      const [flashesMs, beepsMs] = [[], []];
      node.port.onmessage = ({ data }) => beepsMs.push(performance.now() - (context.currentTime - data) * 1000);
      context.createMediaStreamSource(video.srcObject).connect(node).connect(context.destination);
      const endMs = performance.now() + count * 1000;
      const isOver = () => performance.now() > endMs;
      see(flashesMs, isOver);
      const pageMs = await ownOffsets(isOver);
      await context.close();
      return { flashesMs, beepsMs, pageMs };
    },

    /** The same recorded, as WebM in base64: Firefox's AudioContext stands still without a sound device. */
    async recorded(count) {
      const recorder = new MediaRecorder(video.srcObject, { mimeType: 'video/webm;codecs=vp8,opus' });
      const parts = [];
      recorder.ondataavailable = ({ data }) => parts.push(data);
      const stopped = new Promise((resolve) => {
        recorder.onstop = resolve;
      });
      recorder.start();
      const endMs = performance.now() + count * 1000;
      const pageMs = await ownOffsets(() => performance.now() > endMs);
      recorder.stop();
      await stopped;
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
      return { webm: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')), pageMs };
    },
  };
}
