/** Camera and origin together. The camera runs only while somebody plays: an idle demo costs next to nothing. */
import type { NativeAv, NativeGuard } from '../media/native.js';
import { type Camera, startCamera } from './camera.js';
import { type Origin, openOrigin } from './origin.js';

export interface StationOptions {
  readonly av: NativeAv;
  readonly guard: NativeGuard;
  /** 0: any free one. */
  readonly port: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** UTC in ms, steady. */
  readonly wallMs: () => number;
}

export interface Station {
  readonly port: number;
  close(): Promise<void>;
}

/** Errors: config.invalid when the port is taken; internal when an encoder does not open. */
export async function openStation(options: StationOptions): Promise<Station> {
  let camera: Camera | null = null;
  let origin: Origin | null = null;
  let isClosed = false;

  const stopCamera = (): void => {
    camera?.stop();
    camera = null;
  };
  const onPlayers = (players: number): void => {
    if (players === 0) stopCamera();
    else if (!isClosed) camera ??= startCamera({ ...options, onFrame: (frame) => origin?.frame(frame) });
  };

  // The same settings give the same configurations each time, so that those of a first, short run hold for all.
  const rehearsal = startCamera({ ...options, onFrame: () => {} });
  rehearsal.stop();
  const opened = await openOrigin(options.port, rehearsal.configuration, onPlayers);
  origin = opened;

  return {
    port: opened.port,
    async close() {
      isClosed = true;
      stopCamera();
      await opened.close();
    },
  };
}
