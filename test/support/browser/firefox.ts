import { type Browser, firefox } from 'playwright-core';

/** docs/browsers.md, As test viewers: H.264 without a plugin, checks toward loopback, playing without a gesture. */
const preferences = {
  'media.webrtc.hw.h264.enabled': true,
  'gfx.blacklist.webrtc.hw.acceleration.h264': 1,
  'media.peerconnection.ice.loopback': true,
  'permissions.default.camera': 1,
  'permissions.default.microphone': 1,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
};

/** Headless Firefox with a fresh profile. `SLUICE_TEST_FIREFOX` names another binary than Debian's. */
export const startFirefox = (): Promise<Browser> =>
  firefox.launch({
    channel: 'moz-firefox',
    executablePath: process.env.SLUICE_TEST_FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    firefoxUserPrefs: preferences,
  });
