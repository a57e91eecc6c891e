import { WireError } from '../bytes/wire-error.js';
import type { AmfLimits } from './limits.js';

/**
 * What may still be decoded of a message. References are paid for as what they stand for: some hundred bytes of
 * nested references would else become a tree without end for whoever walks it.
 */
export interface AmfBudget {
  /** Counts one value before it is made. `depth`: the containers around it. Error: WireError. */
  value(depth: number): void;
  /** Counts a string's bytes before it is made. Error: WireError. */
  text(lengthBytes: number): void;
  /** A table of what references can mean. */
  references<Target>(): AmfReferences<Target>;
}

export interface AmfReferences<Target> {
  /** Begins a value that gets the next index. Call the result with the value once that is complete. */
  open(depth: number): (target: Target) => void;
  /** The value of an index, paid for. Error: WireError, also for one that is not complete: it would hold itself. */
  resolve(index: number, depth: number): Target;
}

interface Complete<Target> {
  readonly target: Target;
  /** Levels of containers in it. */
  readonly height: number;
  readonly values: number;
  readonly textBytes: number;
}

export function createAmfBudget(where: string, limits: AmfLimits): AmfBudget {
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
    references<Target>(): AmfReferences<Target> {
      /** Null while a value is not complete. */
      const table: (Complete<Target> | null)[] = [];
      return {
        open(depth) {
          const index = table.push(null) - 1;
          const before = { deepest, values, textBytes };
          deepest = depth;
          return (target) => {
            const cost = { values: values - before.values, textBytes: textBytes - before.textBytes };
            table[index] = { target, height: deepest - depth, ...cost };
            deepest = Math.max(deepest, before.deepest);
          };
        },
        resolve(index, depth) {
          const entry = table[index];
          if (entry === undefined) throw new WireError(where, `reference ${index} of ${table.length}`);
          if (entry === null) throw new WireError(where, 'an object that holds itself');
          spend(depth + entry.height, 1 + entry.values, entry.textBytes);
          return entry.target;
        },
      };
    },
  };
}
