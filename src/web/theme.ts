/** Light or dark: as the system says, until somebody chooses. */

const name = 'sluice-theme';
const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const isTheme = (text: string | null): text is Theme => themes.some((theme) => theme === text);

let theme: Theme = 'system';
const stored = localStorage.getItem(name);
if (isTheme(stored)) theme = stored;

function apply(): void {
  document.documentElement.dataset.theme = theme;
}
apply();

export const currentTheme = (): Theme => theme;

export function nextTheme(): void {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  localStorage.setItem(name, theme);
  apply();
}
