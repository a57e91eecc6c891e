/** What happens to the bytes of one connection on their way: pure, and the same for the same seed. */

export interface Damaged {
  readonly bytes: Buffer;
  /** The connection breaks behind them. */
  readonly isEnd: boolean;
}

export interface Damage {
  pass(bytes: Buffer): Damaged;
}

/** A session stays whole for so many bytes, often into the media. */
const wholeBytes = [0, 500, 3100, 4000, 6000, 20_000, 80_000];
const meanBytesBetween = [200, 2000, 10_000];
const maxPart = 300;

export function createDamage(random: () => number): Damage {
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = (choices: readonly number[]): number => choices[below(choices.length)] ?? 0;
  const between = pick(meanBytesBetween);
  let untilNext = pick(wholeBytes) + below(200);

  /** Flips, cuts out, repeats or puts in some bytes at this place; null: the connection breaks there. */
  const hurt = (bytes: Buffer, at: number): Buffer | null => {
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const part = after.subarray(0, 1 + below(maxPart));
    switch (below(9)) {
      case 0:
        return null;
      case 1:
      case 2:
        return Buffer.concat([before, after.subarray(part.length)]);
      case 3:
        return Buffer.concat([before, part, after]);
      case 4:
        return Buffer.concat([before, Buffer.from(Array.from({ length: 1 + below(30) }, () => below(256))), after]);
      case 5:
        return Buffer.concat([before, Buffer.of(pick([0, 0xff, 0x7f, 0x80])), after.subarray(1)]);
      default:
        return Buffer.concat([before, Buffer.of((after[0] ?? 0) ^ (1 << below(8))), after.subarray(1)]);
    }
  };

  return {
    pass(whole) {
      let bytes: Buffer = Buffer.from(whole);
      for (let at = untilNext; at < bytes.length; at += 1 + below(2 * between)) {
        const hurtBytes = hurt(bytes, at);
        if (hurtBytes === null) return { bytes: bytes.subarray(0, at), isEnd: true };
        bytes = hurtBytes;
        untilNext = at + 1 + below(2 * between);
      }
      untilNext = Math.max(0, untilNext - bytes.length);
      return { bytes, isEnd: false };
    },
  };
}
