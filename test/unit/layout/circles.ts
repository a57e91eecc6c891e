/**
 * Who reaches itself by the arrows of others: the strongly connected components of more than one member (Tarjan,
 * "Depth-first search and linear graph algorithms", 1972), each sorted.
 */
export function circlesOf(arrows: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const found: string[][] = [];
  const numbers = new Map<string, number>();
  const stack: string[] = [];

  /** The lowest number that can be reached from the member without leaving the stack. */
  const visit = (member: string): number => {
    const number = numbers.size;
    numbers.set(member, number);
    stack.push(member);
    let lowest = number;
    for (const next of arrows.get(member) ?? []) {
      const seen = numbers.get(next);
      if (seen === undefined) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, seen);
    }
    if (lowest === number) {
      const circle = stack.splice(stack.indexOf(member)).sort();
      if (circle.length > 1) found.push(circle);
    }
    return lowest;
  };

  for (const member of arrows.keys()) if (!numbers.has(member)) visit(member);
  return found;
}
