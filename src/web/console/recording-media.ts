/**
 * Files of recordings for elements, which send no API key: by their address where none is needed, else fetched with it before,
 * as a whole.
 */
import type { ApiClient } from '../api-client.js';

export interface RecordingMedia {
  /** What `src` takes. `path`: as the API names it. Empty: it is on its way, or cannot be had. */
  source(path: string): string;
  /** Lets the browser save it. Errors: Error. */
  save(path: string, fileName: string): Promise<void>;
}

export function createRecordingMedia(
  client: Pick<ApiClient, 'base' | 'headers'>,
  onLoaded: () => void,
): RecordingMedia {
  const loaded = new Map<string, string>();
  const needsKey = (): boolean => Object.keys(client.headers()).length > 0;
  const addressOf = (path: string): string => new URL(path.slice(1), client.base).href;
  const load = async (path: string): Promise<string> => {
    const response = await fetch(addressOf(path), { headers: client.headers() });
    if (!response.ok) throw new Error(`The server answered ${response.status}`);
    return URL.createObjectURL(await response.blob());
  };
  const begin = async (path: string): Promise<void> => {
    loaded.set(path, '');
    loaded.set(path, await load(path).catch(() => ''));
    onLoaded();
  };

  return {
    source(path) {
      if (!needsKey()) return addressOf(path);
      if (!loaded.has(path)) void begin(path);
      return loaded.get(path) ?? '';
    },
    async save(path, fileName) {
      const link = document.createElement('a');
      link.href = needsKey() ? await load(path) : addressOf(path);
      link.download = fileName;
      link.click();
    },
  };
}
