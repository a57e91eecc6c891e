/** Who takes a stream otherwise than as a viewer, and hears what becomes of its source. */
import type { ViewerAlert } from '../core/diagnosis/viewer-alerts.js';
import type { SourceNews } from './media-watch.js';

export type NewsListener = (news: SourceNews) => void;

interface NewsListeners {
  /** Those that were told last of this pull. */
  alertsOf(pullId: string): readonly ViewerAlert[];
  tell(pullId: string, news: SourceNews): void;
  /** It hears at once of alerts that stand. Gives what ends it. */
  add(pullId: string, listener: NewsListener): () => void;
}

export function createNewsListeners(): NewsListeners {
  const listeners = new Map<string, Set<NewsListener>>();
  const alerts = new Map<string, readonly ViewerAlert[]>();
  const alertsOf = (pullId: string): readonly ViewerAlert[] => alerts.get(pullId) ?? [];
  return {
    alertsOf,
    tell(pullId, news) {
      if (news.kind === 'alerts' && news.alerts.length > 0) alerts.set(pullId, news.alerts);
      else if (news.kind === 'alerts') alerts.delete(pullId);
      for (const listener of listeners.get(pullId) ?? []) listener(news);
    },
    add(pullId, listener) {
      const ofPull = listeners.get(pullId) ?? new Set();
      listeners.set(pullId, ofPull.add(listener));
      if (alerts.has(pullId)) listener({ kind: 'alerts', alerts: alertsOf(pullId) });
      return () => {
        ofPull.delete(listener);
        if (ofPull.size === 0 && listeners.get(pullId) === ofPull) listeners.delete(pullId);
      };
    },
  };
}
