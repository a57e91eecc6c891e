/** What is said over the video while it plays: why the source is away, else what of it is not to be seen or heard. */

export interface Warnings {
  readonly element: HTMLElement;
  /** The source is away. */
  readonly isLost: boolean;
  /** Null: the source is there again. */
  sayLost(words: string | null): void;
  /** Empty: all of it plays. */
  sayDead(words: string): void;
  /** What was said belongs to what played before. */
  clear(): void;
}

export function createWarnings(): Warnings {
  const element = document.createElement('p');
  element.id = 'warnings';
  element.role = 'status';
  let [lost, dead] = ['', ''];
  const show = (): void => {
    element.textContent = lost || dead;
    element.hidden = element.textContent === '';
  };
  show();

  return {
    element,
    get isLost() {
      return lost !== '';
    },
    sayLost(words) {
      lost = words ?? '';
      show();
    },
    sayDead(words) {
      dead = words;
      show();
    },
    clear() {
      [lost, dead] = ['', ''];
      show();
    },
  };
}
