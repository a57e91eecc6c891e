/**
 * The plays of one WCS session, each from playStream to STOPPED or FAILED. The client knows a play by the mediaSessionId
 * that it made up, the shell by a number of ours: what arrives late for an earlier play under the same mediaSessionId
 * never meets the later one.
 */
import type { Offer } from '../sdp/offer.js';
import type { PlayedMedia } from '../sdp/played-media.js';
import type { Emit, PlayNews, ViewAnswered, WcsSettings } from './contract.js';
import type { WcsFrame } from './frame.js';
import type { HookFields } from './hook-policy.js';
import { MediaSockets } from './media-sockets.js';
import {
  dataEvent,
  isKept,
  notKept,
  outboundVideoRate,
  playFields,
  streamAtRest,
  type WcsArgument,
} from './messages.js';
import {
  describe,
  hasOtherTracks,
  maxIdLength,
  maxNameLength,
  newPlay,
  type Play,
  payloadOf,
  providers,
  readOffer,
  tcpOnly,
  type Why,
  whyOf,
} from './play.js';
import { PlayReports } from './play-reports.js';
import type { SessionHooks } from './session-hooks.js';
import { wishFrom } from './wish.js';

/** Other tracks than a player was told of may be a moment of the source. */
const otherTracksMs = 3000;
/** Who stops a play closes its socket for media as well, and that may be here before the word of it, which comes by another connection. */
const stopComesMs = 1000;

/** WCS has no redirect: a page finds the other server's address in the place of the reason. */
const failure = ({ code, elsewhere }: PlayNews & { readonly kind: 'view.failed' }): Why =>
  elsewhere === undefined ? whyOf(code) : { info: elsewhere, code };

export class WcsPlays {
  readonly #settings: WcsSettings;
  readonly #hooks: SessionHooks;
  readonly #emit: Emit;
  readonly #reports: PlayReports;
  readonly #plays = new Map<number, Play>();
  readonly #sockets = new MediaSockets();
  #lastPlay = 0;
  #keptAliveMs = 0;

  constructor(settings: WcsSettings, hooks: SessionHooks, emit: Emit) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#emit = emit;
    this.#reports = new PlayReports(settings.authToken, hooks, emit);
  }

  start(frame: WcsFrame, argument: WcsArgument, nowMs: number): void {
    this.#lastPlay += 1;
    const play = newPlay(this.#lastPlay, frame, argument, nowMs);
    // A refused play is reported, but never listed: under an id that is in use, the one that has it plays on.
    // The offer of the MSE provider is always the same, and says nothing.
    const offer = play.mediaProvider === 'MSE' ? null : readOffer(argument.sdp);
    const isReadable = offer !== null || play.mediaProvider === 'MSE';
    const refusal = this.#refusalOf(frame, argument) ?? (isReadable ? null : whyOf('offer.malformed'));
    if (refusal !== null) {
      this.#reports.status(play, 'FAILED', refusal);
      return;
    }
    this.#plays.set(play.play, play);
    this.#reports.status(play, 'PENDING');
    this.#hooks.ask('playStream', this.#reports.named(playFields(frame)), (verdict) => {
      // Stopped or given up while the back end thought about it.
      if (!this.#plays.has(play.play)) return;
      if (verdict.kind === 'decline') this.#end(play, 'FAILED', whyOf('viewer.declined'));
      else this.#view(play, offer, verdict.fields);
    });
  }

  /** `fields`: of playStream, as the back end left them. Without an offer the media goes as packets. */
  #view(wanted: Play, offer: Offer | null, fields: HookFields): void {
    wanted.name = String(fields.name).slice(0, maxNameLength);
    const { play, mediaSessionId, name, isTcpOnly, token } = wanted;
    const wish = wishFrom((field) => fields[field]);
    if (offer === null) this.#emit({ kind: 'view.packets', play, mediaSessionId, name, wish, token });
    else this.#emit({ kind: 'view', play, mediaSessionId, name, offer, wish, isTcpOnly, token });
  }

  /** By which the play of this name was asked for; empty: by none of its own, or there is no such play. */
  tokenOf(mediaSessionId: string): string {
    return this.#bySession(mediaSessionId)?.token ?? '';
  }

  /** The client has opened a socket for media. */
  mediaOpened(socket: number): void {
    const { play, viewerId = null } = this.#plays.get(this.#sockets.opened(socket) ?? 0) ?? {};
    if (play === undefined || viewerId === null) this.#emit({ kind: 'media.close', socket });
    else this.#emit({ kind: 'media.feed', play, viewerId, socket });
    this.#tellNext();
  }

  stop(mediaSessionId: string): void {
    const play = this.#bySession(mediaSessionId);
    if (play === undefined) return;
    this.#hooks.tell('stopStream', this.#reports.named({ ...describe(play, 'PLAYING') }));
    this.#leave(play);
    this.#end(play, 'STOPPED', { info: 'Stopped by user' });
  }

  /** News of a play that is over changes nothing. */
  hear(news: PlayNews, nowMs: number): void {
    const play = this.#plays.get(news.play);
    // Stopped, given up or closed while the answer was under way.
    if (play === undefined && news.kind === 'view.answered') this.#emit({ kind: 'leave', viewerId: news.viewerId });
    if (play === undefined || play.mediaClosedMs !== null) return;
    if (news.kind === 'media.over' && news.code === 'viewer.mediaSocket') this.#mediaClosed(play, nowMs);
    else this.#apply(play, news);
  }

  #apply(play: Play, news: PlayNews): void {
    switch (news.kind) {
      case 'view.answered':
        this.#answered(play, news);
        break;
      case 'view.connected':
        play.isConnected = true;
        // PLAYING comes after the answer, in whatever order the two are known here.
        if (play.viewerId !== null && !play.isPlaying) this.#playing(play);
        break;
      case 'view.failed':
        this.#end(play, 'FAILED', failure(news));
        break;
      case 'view.ended':
        if (news.code === null) this.#end(play, 'STOPPED', { info: 'Stopped by rest /terminate' });
        else this.#end(play, 'FAILED', whyOf(news.code));
        break;
      case 'view.source':
        // The session goes on either way: the page learns that there is nothing to see, and when there is again.
        play.lost = news.lost;
        if (play.isPlaying) this.#reports.source(play);
        break;
      case 'media.over':
        this.#leave(play);
        this.#end(play, 'FAILED', whyOf(news.code));
        break;
      case 'view.media':
        this.#mediaChanged(play, news.media);
        break;
      case 'view.lowered':
        this.#reports.lowered(play, news.sourceKbps, news.estimateKbps);
        break;
      case 'view.rate':
        this.#reports.whilePlaying(play, outboundVideoRate(play.mediaSessionId, news.videoBps));
        break;
      case 'view.event':
        this.#reports.whilePlaying(play, dataEvent(play.mediaSessionId, news.payload));
        break;
      case 'view.data':
        this.#reports.whilePlaying(play, dataEvent(play.mediaSessionId, payloadOf(news.data)));
        break;
      default:
        news satisfies never;
    }
  }

  #mediaClosed(play: Play, nowMs: number): void {
    this.#leave(play);
    play.viewerId = null;
    play.isPlaying = false;
    play.mediaClosedMs = nowMs;
  }

  #answered(play: Play, { viewerId, answerSdp, media }: ViewAnswered): void {
    play.viewerId = viewerId;
    play.media = media;
    play.answerSdp = play.isTcpOnly ? tcpOnly(answerSdp) : answerSdp;
    if (play.mediaProvider === 'MSE') {
      play.toldMedia = media;
      this.#sockets.add(play.play);
      this.#tellNext();
    } else this.#reports.answer(play);
    if (play.isConnected) this.#playing(play);
  }

  /** The next play that needs a socket for media opens it when it has its answer. */
  #tellNext(): void {
    const play = this.#plays.get(this.#sockets.next() ?? 0);
    if (play !== undefined) this.#reports.answer(play);
  }

  /** Fails what should be playing by now, and asks the back end whether what plays may go on. */
  tick(nowMs: number): void {
    this.#keepAlive(nowMs);
    for (const play of [...this.#plays.values()]) {
      if (play.mediaClosedMs !== null) {
        if (nowMs - play.mediaClosedMs >= stopComesMs) this.#end(play, 'FAILED', whyOf('viewer.mediaSocket'));
        continue;
      }
      if (this.#sockets.isWaiting(play.play)) play.startedMs = nowMs;
      this.#checkTracks(play, nowMs);
      if (play.isPlaying || nowMs - play.startedMs < this.#settings.startTimeoutMs) continue;
      this.#leave(play);
      const neverCame = play.mediaProvider === 'MSE' ? 'viewer.mediaSocket' : 'viewer.iceTimeout';
      this.#end(play, 'FAILED', whyOf(play.viewerId === null ? 'stream.notLive' : neverCame));
    }
  }

  /** A thread that takes over learns of one track after the other. */
  #checkTracks(play: Play, nowMs: number): void {
    play.otherSinceMs = hasOtherTracks(play) ? (play.otherSinceMs ?? nowMs) : null;
    if (play.otherSinceMs === null || nowMs - play.otherSinceMs < otherTracksMs) return;
    this.#leave(play);
    this.#end(play, 'FAILED', whyOf('viewer.tracksChanged'));
  }

  /** Removes every viewer without telling the client. */
  free(): void {
    const plays = [...this.#plays.values()];
    this.#plays.clear();
    for (const play of plays) {
      this.#leave(play);
      this.#closeSocket(play);
      this.#reports.tellBackEnd(describe(play, 'STOPPED', { info: 'Stopped by session disconnect' }));
    }
  }

  #keepAlive(nowMs: number): void {
    const { keepAliveMs } = this.#hooks;
    if (keepAliveMs === 0 || nowMs - this.#keptAliveMs < keepAliveMs) return;
    this.#keptAliveMs = nowMs;
    for (const play of [...this.#plays.values()].filter(({ isPlaying }) => isPlaying)) {
      this.#hooks.ask(
        'StreamKeepAliveEvent',
        this.#reports.named({ ...streamAtRest, ...describe(play, 'PLAYING') }),
        (verdict) => {
          // A back end that is down stops nobody.
          const isStopped = verdict.kind === 'decline' && verdict.status !== null && verdict.status < 500;
          if (!isStopped || !this.#plays.has(play.play)) return;
          this.#leave(play);
          this.#end(play, 'FAILED', whyOf('viewer.keepAliveDeclined'));
        },
      );
    }
  }

  #mediaChanged(play: Play, media: PlayedMedia): void {
    const before = play.media;
    play.media = media;
    const isOtherwiseMissing = JSON.stringify(media.missing) !== JSON.stringify(before?.missing);
    if (play.isPlaying && isOtherwiseMissing && play.lost === null) this.#reports.status(play, 'PLAYING');
    if (play.isPlaying) this.#reports.size(play);
  }

  #bySession(mediaSessionId: string): Play | undefined {
    return [...this.#plays.values()].find((play) => play.mediaSessionId === mediaSessionId);
  }

  #refusalOf(frame: WcsFrame, { mediaSessionId, name, mediaProvider }: WcsArgument): Why | null {
    const code = 'request.invalid';
    if (!isKept(frame)) return { info: notKept, code };
    if (mediaSessionId === '' || mediaSessionId.length > maxIdLength) return { info: 'MediaSessionId is null', code };
    if (this.#bySession(mediaSessionId) !== undefined) return { info: 'MediaSessionId is already in use', code };
    if (name === '' || name.length > maxNameLength) return whyOf(code);
    if (!providers.has(mediaProvider)) return whyOf('viewer.provider');
    return this.#plays.size >= this.#settings.maxPlays ? whyOf('viewer.sessionLimit') : null;
  }

  #playing(play: Play): void {
    play.isPlaying = true;
    this.#reports.status(play, 'PLAYING');
    if (play.lost !== null) this.#reports.source(play);
    this.#reports.size(play);
  }

  #end(play: Play, status: 'STOPPED' | 'FAILED', why: Why): void {
    const { info, code } = why;
    this.#plays.delete(play.play);
    this.#closeSocket(play);
    this.#reports.status(play, status, why);
    const fields = { name: play.name, status, info, ...(code === undefined ? {} : { code }) };
    this.#emit({ kind: 'log', level: 'info', event: 'wcs.ended', fields });
  }

  #closeSocket({ play }: Play): void {
    const socket = this.#sockets.ended(play);
    if (socket !== null) this.#emit({ kind: 'media.close', socket });
    this.#tellNext();
  }

  #leave({ viewerId }: Play): void {
    if (viewerId !== null) this.#emit({ kind: 'leave', viewerId });
  }
}
