/** What becomes of a source beside its media, as pages are told: by server-sent events, or in texts between fragments. */
import { errorTable } from '../errors.js';
import type { SourceNews } from '../supervisor/media-watch.js';

/** The name of the event, and what it says. */
export function wordsOfNews(news: SourceNews): readonly [SourceNews['kind'], unknown] {
  if (news.kind === 'data') return ['data', news.data];
  if (news.kind === 'alerts') return ['alerts', { alerts: news.alerts }];
  const { lost } = news;
  return ['source', { lost: lost === null ? null : { code: lost, text: errorTable[lost].text } }];
}
