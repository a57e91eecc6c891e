/**
 * What each status code means to a player of a live stream (RTMP 1.0 sections 7.2.1 and 7.2.2; the codes are those of
 * ActionScript's NetStatusEvent and of Adobe Media Server, with what Wowza, nginx-rtmp and SRS add).
 */
import type { ErrorCode } from '../../errors.js';
import { type AmfValue, isAmfObject } from '../amf/amf-value.js';

export type Verdict =
  /** The connection stands. */
  | { readonly kind: 'connected' }
  /** The server plays the stream. */
  | { readonly kind: 'accepted' }
  /** Nothing changes for a player of a live stream. */
  | { readonly kind: 'note' }
  /** The server asks to connect elsewhere or again (Enhanced RTMP v2, Reconnect Request). */
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'ended'; readonly reason: ErrorCode };

const note: Verdict = { kind: 'note' };
const rejected: Verdict = { kind: 'ended', reason: 'source.rejected' };
const ended: Verdict = { kind: 'ended', reason: 'source.ended' };
const notFound: Verdict = { kind: 'ended', reason: 'source.notFound' };

/** Peer-to-peer groups and shared objects: nothing of a stream. */
const strangers = /^(NetGroup|SharedObject)\./;

/** Other codes that are not here are judged by their level: an error ends the session, anything else is a note. */
const verdicts: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ['NetConnection.Connect.Success', { kind: 'connected' }],
  ['NetConnection.Connect.Rejected', rejected],
  ['NetConnection.Connect.Failed', rejected],
  ['NetConnection.Connect.InvalidApp', notFound],
  ['NetConnection.Connect.AppShutdown', ended],
  ['NetConnection.Connect.Closed', ended],
  ['NetConnection.Connect.IdleTimeOut', ended],
  ['NetConnection.Connect.IdleTimeout', ended],
  ['NetConnection.Connect.NetworkChange', note],
  ['NetConnection.Connect.ReconnectRequest', { kind: 'reconnect' }],
  ['NetConnection.Call.Failed', note],
  ['NetConnection.Call.BadVersion', note],
  ['NetConnection.Call.BadValue', note],
  ['NetConnection.Call.Prohibited', note],
  ['NetConnection.Admin.CommandFailed', note],
  ['NetConnection.Proxy.NotResponding', rejected],
  ['NetStream.Play.Start', { kind: 'accepted' }],
  ['NetStream.Play.Reset', note],
  ['NetStream.Play.PublishNotify', note],
  ['NetStream.Play.UnpublishNotify', ended],
  ['NetStream.Play.Stop', ended],
  ['NetStream.Play.Complete', ended],
  ['NetStream.Play.StreamNotFound', notFound],
  ['NetStream.Play.FileNotFound', notFound],
  ['NetStream.Play.Failed', rejected],
  ['NetStream.Play.BadName', rejected],
  ['NetStream.Play.InvalidArg', rejected],
  ['NetStream.Play.FileStructureInvalid', rejected],
  ['NetStream.Play.NoSupportedTrackFound', { kind: 'ended', reason: 'source.unsupportedCodec' }],
  ['NetStream.Play.InsufficientBW', note],
  ['NetStream.Play.Switch', note],
  ['NetStream.Play.Transition', note],
  ['NetStream.Play.TransitionComplete', note],
  ['NetStream.Data.Start', note],
  ['NetStream.Buffer.Empty', note],
  ['NetStream.Buffer.Flush', note],
  ['NetStream.Buffer.Full', note],
  ['NetStream.Pause.Notify', note],
  ['NetStream.Unpause.Notify', note],
  ['NetStream.Step.Notify', note],
  ['NetStream.Seek.Notify', note],
  ['NetStream.Seek.Complete', note],
  ['NetStream.Seek.Failed', note],
  ['NetStream.Seek.InvalidTime', note],
  ['NetStream.SeekStart.Notify', note],
  ['NetStream.MulticastStream.Reset', note],
  ['NetStream.Video.DimensionChange', note],
  ['NetStream.Publish.Start', note],
  ['NetStream.Publish.Idle', note],
  ['NetStream.Publish.BadName', note],
  ['NetStream.Unpublish.Success', note],
  ['NetStream.Record.Start', note],
  ['NetStream.Record.Stop', note],
  ['NetStream.Record.Failed', note],
  ['NetStream.Record.NoAccess', note],
  ['NetStream.Record.AlreadyExists', note],
  ['NetStream.SecondScreen.Start', note],
  ['NetStream.SecondScreen.Stop', note],
  ['NetStream.DRM.UpdateNeeded', { kind: 'ended', reason: 'source.unsupportedCodec' }],
  ['NetStream.Connect.Success', note],
  ['NetStream.Connect.Closed', ended],
  ['NetStream.Connect.Failed', rejected],
  ['NetStream.Connect.Rejected', rejected],
  ['NetStream.Failed', rejected],
]);

export interface Status {
  readonly level: string;
  readonly code: string;
  readonly description: string;
}

/** The first object among the arguments that looks like a status; empty strings for what it lacks. */
export function readStatus(args: readonly AmfValue[]): Status {
  const isStatus = (arg: AmfValue): boolean => isAmfObject(arg) && (text(arg.code) !== '' || text(arg.level) !== '');
  const info = args.find(isStatus);
  if (info === undefined || !isAmfObject(info)) return { level: '', code: '', description: '' };
  return { level: text(info.level), code: text(info.code), description: text(info.description) };
}

export function judgeStatus(status: Status): Verdict {
  const isFatal = status.level === 'error' && !strangers.test(status.code);
  const verdict = verdicts.get(status.code) ?? (isFatal ? rejected : note);
  if (verdict !== rejected) return verdict;
  return asksForRights.test(status.description) ? { kind: 'ended', reason: 'source.notAuthorised' } : rejected;
}

const asksForRights =
  /need auth|authenticat|authori[sz]|unauthori|access ?(is )?denied|forbidden|permission|reason=\w/i;
const maxDetailLength = 200;

/** Code and description for a person: printable, short, and without what may be a secret in it (queries, userinfo). */
export function describeStatus({ code, description }: Status): string {
  const shown = [code, description].filter((part) => part !== '').join(': ');
  return shown
    .slice(0, 2 * maxDetailLength)
    .replace(/\/\/[^/\s]*@/g, '//***@')
    .replace(/[?&]\S*/g, '?***')
    .replace(/[^\p{L}\p{N}\p{P}\p{S}]+/gu, ' ')
    .trim()
    .slice(0, maxDetailLength);
}

function text(value: AmfValue): string {
  return typeof value === 'string' ? value : '';
}
