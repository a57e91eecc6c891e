import { type Browser, chromium } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/** `SLUICE_TEST_CHROMIUM` names another binary than Debian's. */
export const chromiumPath = process.env.SLUICE_TEST_CHROMIUM ?? '/usr/bin/chromium';

/** Headless Chromium with a fresh profile. */
export const startChromium = (executablePath = chromiumPath): Promise<Browser> =>
  chromium.launch({
    executablePath,
    headless: true,
    args: flags,
  });
