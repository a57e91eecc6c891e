/** Captions out of what a source says beside audio and video: onTextData and onCaption, as encoders send them. */

const captionEvents: ReadonlySet<string> = new Set(['onTextData', 'onCaption', 'onCaptionInfo', 'onFI']);
const maxChars = 500;

/** Empty: it says nothing to be read. */
export function captionText(name: string, values: readonly unknown[]): string {
  return captionEvents.has(name) ? textOf(values).slice(0, maxChars) : '';
}

function textOf(values: readonly unknown[]): string {
  for (const value of values) {
    if (typeof value === 'string') return value;
    if (typeof value !== 'object' || value === null || !('text' in value)) continue;
    return String(value.text);
  }
  return '';
}
