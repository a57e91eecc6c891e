// What a test asks of a playing video element and its peer connection; the pages hang it on `window.reception`.

/** The stamp row of actors/demo/stamp.ts: 40 blocks, 36 of time and 4 of check; null when it does not read. */
function readStamp(pixels, width) {
  const size = Math.floor(width / 40);
  const bits = Array.from({ length: 40 }, (_, n) => {
    const at = (Math.floor(size / 2) * width + n * size + Math.floor(size / 2)) * 4;
    return pixels[at] > 128 ? 1 : 0;
  });
  const groups = Array.from({ length: 10 }, (_, n) => bits.slice(n * 4, n * 4 + 4).reduce((v, bit) => v * 2 + bit, 0));
  const check = groups.pop();
  if (groups.reduce((sum, group) => sum + group, 0) % 16 !== check) return null;
  return groups.reduce((value, group) => value * 16 + group, 0);
}

export function createReception(video, getConnection) {
  const canvas = document.createElement('canvas');
  const painter = canvas.getContext('2d', { willReadFrequently: true });

  async function inbound(kind) {
    const connection = await getConnection();
    const reports = await connection.getStats();
    for (const report of reports.values()) {
      if (report.type === 'inbound-rtp' && report.kind === kind) {
        return { ...report, mimeType: reports.get(report.codecId)?.mimeType };
      }
    }
    return null;
  }

  return {
    async stats() {
      const [frame, audio] = [await inbound('video'), await inbound('audio')];
      return {
        atMs: performance.now(),
        ssrc: frame?.ssrc ?? 0,
        audioSsrc: audio?.ssrc ?? 0,
        framesDecoded: frame?.framesDecoded ?? 0,
        framesDropped: frame?.framesDropped ?? 0,
        packetsLost: frame?.packetsLost ?? 0,
        freezeSeconds: frame?.totalFreezesDuration ?? 0,
        freezeCount: frame?.freezeCount ?? 0,
        codec: frame?.mimeType ?? '',
        width: frame?.frameWidth ?? 0,
        height: frame?.frameHeight ?? 0,
        audioCodec: audio?.mimeType ?? '',
        audioPacketsLost: audio?.packetsLost ?? 0,
        audioSamples: audio?.totalSamplesReceived ?? 0,
        concealedSamples: audio?.concealedSamples ?? 0,
        silentConcealedSamples: audio?.silentConcealedSamples ?? 0,
      };
    },

    /** How old the frame shown now is, in ms, by the bar code in it; null when it has none. */
    frameAgeMs() {
      return new Promise((resolve) => {
        video.requestVideoFrameCallback(() => {
          canvas.width = video.videoWidth;
          canvas.height = video.videoHeight;
          painter.drawImage(video, 0, 0);
          const now = Date.now();
          const stamp = readStamp(painter.getImageData(0, 0, canvas.width, 32).data, canvas.width);
          resolve(stamp === null ? null : (now - stamp) % 2 ** 36);
        });
      });
    },

    /** The loudest frequency in the audio of the next 1.5 s, in Hz, by an AnalyserNode (Chromium). */
    async toneHz() {
      const context = new AudioContext();
      await context.resume();
      const analyser = context.createAnalyser();
      analyser.fftSize = 32_768;
      analyser.smoothingTimeConstant = 0;
      context.createMediaStreamSource(video.srcObject).connect(analyser);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      const loudest = bins.reduce((best, level, at) => (level > bins[best] ? at : best), 1);
      const result = bins[loudest] < -80 ? 0 : (loudest * context.sampleRate) / analyser.fftSize;
      await context.close();
      return result;
    },

    /** The same by recording and decoding offline: Firefox's AudioContext stands still without a sound device. */
    async recordedToneHz() {
      const recorder = new MediaRecorder(new MediaStream(video.srcObject.getAudioTracks()));
      const parts = [];
      recorder.ondataavailable = ({ data }) => parts.push(data);
      const stopped = new Promise((resolve) => {
        recorder.onstop = resolve;
      });
      recorder.start();
      await new Promise((resolve) => setTimeout(resolve, 2500));
      recorder.stop();
      await stopped;
      const offline = new OfflineAudioContext(1, 48_000, 48_000);
      const decoded = await offline.decodeAudioData(await new Blob(parts).arrayBuffer());
      const samples = decoded.getChannelData(0).subarray(Math.floor(decoded.length / 2));
      let crossings = 0;
      for (let at = 1; at < samples.length; at += 1) if (samples[at - 1] < 0 && samples[at] >= 0) crossings += 1;
      return (crossings * decoded.sampleRate) / samples.length;
    },
  };
}
