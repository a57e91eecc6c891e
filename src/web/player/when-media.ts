/** Resolves when the element has media to show or to sound. Errors: Error after `timeoutMs`, AbortError after `signal`. */
export function whenMedia(video: HTMLVideoElement, timeoutMs: number, signal: AbortSignal): Promise<null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('No media came in time')), timeoutMs);
    const settle = (then: () => void) => (): void => {
      clearTimeout(timer);
      then();
    };
    video.addEventListener(
      'loadeddata',
      settle(() => resolve(null)),
      { once: true, signal },
    );
    signal.addEventListener(
      'abort',
      settle(() => reject(signal.reason)),
      { once: true },
    );
  });
}
