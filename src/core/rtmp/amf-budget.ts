import { WireError } from '../bytes/wire-error.js';
import type { AmfLimits } from './limits.js';

/**
 * What may still be decoded. References are paid for as what they stand for: some hundred bytes of nested
 * references would else become a tree without end for whoever walks it.
 */
export interface AmfBudget<Container> {
  /** Counts one value before it is made. `depth`: the containers around it. Error: WireError. */
  value(depth: number): void;
  /** Counts a string's bytes before it is made. Error: WireError. */
  text(lengthBytes: number): void;
  /** Begins a container, that of the next index for references. Call the result once it is complete. */
  open(container: Container, depth: number): () => void;
  /** The container of an index, paid for. Error: WireError, also for one that is not complete: it would hold itself. */
  reference(index: number, depth: number): Container;
}

interface Entry<Container> {
  readonly container: Container;
  /** Null while the container is open. */
  cost: { readonly height: number; readonly values: number; readonly textBytes: number } | null;
}

export function createAmfBudget<Container>(where: string, limits: AmfLimits): AmfBudget<Container> {
  const entries: Entry<Container>[] = [];
  let values = 0;
  let textBytes = 0;
  /** Depth of the deepest value since the innermost open container began. */
  let deepest = 0;

  const spend = (depth: number, moreValues: number, moreTextBytes: number): void => {
    values += moreValues;
    textBytes += moreTextBytes;
    deepest = Math.max(deepest, depth);
    if (depth > limits.depth) throw new WireError(where, `containers more than ${limits.depth} deep`);
    if (values > limits.values) throw new WireError(where, `more than ${limits.values} values`);
    if (textBytes > limits.textBytes) throw new WireError(where, `more than ${limits.textBytes} bytes of strings`);
  };

  return {
    value: (depth) => spend(depth, 1, 0),
    text: (lengthBytes) => spend(0, 0, lengthBytes),
    open(container, depth) {
      const entry: Entry<Container> = { container, cost: null };
      const before = { deepest, values, textBytes };
      entries.push(entry);
      deepest = depth;
      return () => {
        const cost = { values: values - before.values, textBytes: textBytes - before.textBytes };
        entry.cost = { height: deepest - depth, ...cost };
        deepest = Math.max(deepest, before.deepest);
      };
    },
    reference(index, depth) {
      const entry = entries[index];
      if (entry === undefined) throw new WireError(where, `reference ${index} of ${entries.length}`);
      if (entry.cost === null) throw new WireError(where, 'an object that holds itself');
      spend(depth + entry.cost.height, entry.cost.values, entry.cost.textBytes);
      return entry.container;
    },
  };
}
