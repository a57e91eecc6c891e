/** The streams that are wanted, by key and by name at once, in the memory of this process. */
import type { RegistryChange, WantedStream } from '../core/cluster/records.js';
import type { WantRefusal } from './registry.js';

interface MemoryWanted {
  all(): readonly WantedStream[];
  /** As the calls of Registry. */
  want(stream: WantedStream): WantRefusal | null;
  rewant(stream: WantedStream): 'pull.notFound' | 'pull.nameTaken' | null;
  unwant(key: string, pullId: string): void;
  clear(): void;
}

export function createMemoryWanted(era: () => string, tell: (change: RegistryChange) => void): MemoryWanted {
  const wanted = new Map<string, WantedStream>();
  const names = new Map<string, string>();

  const isFree = ({ name, key }: WantedStream): boolean => name === null || (names.get(name) ?? key) === key;
  const put = (stream: WantedStream): void => {
    if (stream.name !== null) names.set(stream.name, stream.key);
    wanted.set(stream.key, stream);
    tell({ kind: 'wanted', key: stream.key, wanted: stream, era: era() });
  };
  return {
    all: () => [...wanted.values()],
    want(stream) {
      const there = wanted.get(stream.key);
      if (there !== undefined) return there.pullId === stream.pullId ? null : 'pull.conflict';
      if (!isFree(stream)) return 'pull.nameTaken';
      put(stream);
      return null;
    },
    rewant(stream) {
      const there = wanted.get(stream.key);
      if (there === undefined) return 'pull.notFound';
      if (!isFree(stream)) return 'pull.nameTaken';
      if (there.name !== null) names.delete(there.name);
      put(stream);
      return null;
    },
    unwant(key, pullId) {
      const there = wanted.get(key);
      if (there?.pullId !== pullId) return;
      if (there.name !== null) names.delete(there.name);
      wanted.delete(key);
      tell({ kind: 'wanted', key, wanted: null, era: '' });
    },
    clear() {
      wanted.clear();
      names.clear();
    },
  };
}
