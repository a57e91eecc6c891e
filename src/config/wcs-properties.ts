/**
 * flashphoner.properties of WCS, key by key: what each means here, or why it has no meaning here (docs/from-wcs.md). Pure: the
 * file is read by wcs-conf.ts.
 */
import { configKeys } from './keys.js';
import type { Override } from './layer.js';

interface Property {
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

type Properties = ReadonlyMap<string, string>;

/** The values that a property gives to keys of ours; a text: why it gives none. */
type Meaning = (value: string, all: Properties) => Readonly<Record<string, unknown>> | string;

const portTo =
  (path: string): Meaning =>
  (value) => ({ [path]: Number(value) });
const because =
  (why: string): Meaning =>
  () =>
    why;

const anyAddress = '0.0.0.0';
const addressTo =
  (path: string): Meaning =>
  (value) => ({ [path]: value === anyAddress || value === '' ? [] : value.split(',').map((one) => one.trim()) });

const isTrue = (value: string | undefined): boolean => value?.toLowerCase() === 'true';
const smoothMostMs = 2000;
const silenceLeastMs = 15_000;

const fixedPings = because('pings go each 5 s, and ten without an answer close the session, as by default in WCS');
const notNeeded = because('not needed: FFmpeg decodes the frames of AAC that WCS drops');
const asAsked = 'what `record` or a call asks for is recorded; recordings.all records every pull';
const onlyAsked = because(asAsked);
const byOffer = because('each viewer is sent what its offer and the source have in common');
const javaStore = because('a Java key store: give server.tlsCertFile and server.tlsKeyFile (PEM)');

const meanings: Readonly<Record<string, Meaning>> = {
  'ws.port': portTo('server.wsPort'),
  'wss.port': portTo('server.wsTlsPort'),
  'http.port': portTo('server.restPort'),
  'https.port': portTo('server.restTlsPort'),
  'wss.keystore.file': javaStore,
  'wss.keystore.password': javaStore,
  media_port_from: portTo('webrtc.portMin'),
  media_port_to: portTo('webrtc.portMax'),
  ip: addressTo('webrtc.announce'),
  ip_local: addressTo('webrtc.listen'),
  'keep_alive.algorithm': fixedPings,
  'keep_alive.server_interval': fixedPings,
  'keep_alive.probes': fixedPings,
  'keep_alive.enabled': because('WebSocket sessions have it; RTMP sources are watched by rtmp.silenceTimeoutMs'),
  use_fdk_aac: notNeeded,
  disable_drop_aac_frame: notNeeded,
  // The master switch of recording.
  record_streams: (value) => (isTrue(value) ? asAsked : { 'recordings.folder': '' }),
  record_flash_published_streams: onlyAsked,
  stream_record_policy: because('the name is made by recordings.template'),
  stream_record_policy_template: (value) => ({ 'recordings.template': value }),
  record_rotation: (value) => ({ 'recordings.rotation': value === 'disabled' ? '' : value }),
  on_record_hook_script: (value) => ({ 'recordings.hookCommand': value }),
  transcoding_disabled: (value) => ({ 'media.transcoding': !isTrue(value) }),
  disable_streaming_proxy: because('video is transcoded only where a viewer needs it'),
  streaming_video_decoder_fast_start: because('video is decoded only where a rendition needs it'),
  codecs: byOffer,
  codecs_exclude_streaming: byOffer,
  codecs_exclude_sip: byOffer,
  codecs_exclude_cdn: byOffer,
  rtmp_in_buffer_enabled: (value, all) =>
    isTrue(value)
      ? { 'rtmp.smoothMs': Math.min(smoothMostMs, Number(all.get('rtmp_in_buffer_start_size') ?? 300)) }
      : { 'rtmp.smoothMs': 0 },
  rtmp_in_buffer_start_size: because('rtmp.smoothMs where rtmp_in_buffer_enabled is true'),
  rtp_activity_detecting: (value) => {
    const [isOn, seconds = '60'] = value.split(',');
    if (!isTrue(isOn?.trim())) return 'a viewer that is silent for viewers.silenceTimeoutMs is always let go';
    return { 'viewers.silenceTimeoutMs': Math.max(silenceLeastMs, Number(seconds) * 1000) };
  },
  disable_rest_requests: (value) => (isTrue(value) ? { 'hooks.apps': [] } : 'hooks.apps names the back ends'),
  rest_request_timeout: (value) => ({ 'hooks.timeoutMs': Number(value) * 1000 }),
  keep_alive_streaming_sessions_enabled: (value, all) =>
    isTrue(value)
      ? { 'hooks.keepAliveMs': Number(all.get('streaming_sessions_keep_alive_interval') ?? 10_000) }
      : { 'hooks.keepAliveMs': 0 },
  streaming_sessions_keep_alive_interval: because(
    'hooks.keepAliveMs where keep_alive_streaming_sessions_enabled is true',
  ),
  streaming_sessions_keep_alive_app_keys: (value) => ({
    'hooks.keepAliveAppKeys': value.split(',').map((one) => one.trim()),
  }),
};

/** Families of properties that concern what is not here. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^rtmp_in_buffer_/, 'rtmp.smoothMs is one figure'],
  [/^(rtmp|flash|rtmfp)/, 'streams are pulled from RTMP servers, not taken from publishers'],
  [/^hls/, 'HLS is served from memory; fragments and server.hlsPort configure it'],
  [/^(dash|cdn|mixer|mcu|room|sip|webrtc_sip|rtsp|push|file_recorder|record)/, 'there is no such function here'],
];

/** Comments, blank lines and continued lines as java.util.Properties has them; the last of a name wins. */
export function parseProperties(text: string): readonly Property[] {
  const properties: Property[] = [];
  let joined = '';
  for (const [n, line] of text.split(/\r?\n/).entries()) {
    const whole = joined + line.trimStart();
    if (joined === '' && /^[#!]|^$/.test(whole)) continue;
    if (/(^|[^\\])(\\\\)*\\$/.test(whole)) {
      joined = whole.slice(0, -1);
      continue;
    }
    joined = '';
    const [, name = '', value = ''] = /^([^\s=:]+)\s*[=:\s]?\s*(.*)$/.exec(whole) ?? [];
    if (name !== '') properties.push({ name, value: value.trim(), line: n + 1 });
  }
  return properties;
}

/** `file`: for the texts. */
export function readProperties(
  text: string,
  file: string,
): { readonly overrides: readonly Override[]; readonly report: readonly string[] } {
  const properties = parseProperties(text);
  const all: Properties = new Map(properties.map(({ name, value }) => [name, value]));
  const overrides: Override[] = [];
  const report: string[] = [];
  for (const { name, value, line } of properties) {
    const from = `${name} in ${file}, line ${line}`;
    const meaning = Object.hasOwn(meanings, name) ? meanings[name]?.(value, all) : whyNothing(name);
    if (typeof meaning === 'string' || meaning === undefined) {
      report.push(`${from}: ${meaning ?? 'not known here'}`);
      continue;
    }
    for (const [path, given] of Object.entries(meaning)) {
      const key = configKeys.find((one) => one.path === path);
      if (key === undefined) continue;
      overrides.push({ key, value: given, from });
      report.push(`${from}: ${path} is ${JSON.stringify(given)}`);
    }
  }
  return { overrides, report };
}

const whyNothing = (name: string): string | undefined => families.find(([pattern]) => pattern.test(name))?.[1];
