/** Pulls as lists show them, and how they are found. */
import type { Pull } from './pull.js';
import type { PullInfo } from './pull-info.js';
import { nameKeyOf } from './pull-request.js';
import { infoOf, type PullTable } from './pull-table.js';
import type { LocalStreams } from './streams.js';
import type { ViewerIndex } from './viewer-index.js';

interface PullLists extends Pick<LocalStreams, 'list' | 'get' | 'find' | 'named'> {
  info(pull: Pull): PullInfo;
}

export function createPullLists(
  table: Pick<PullTable, 'pulls' | 'get' | 'find'>,
  viewers: Pick<ViewerIndex, 'count' | 'named'>,
): PullLists {
  const info = (pull: Pull): PullInfo => infoOf(pull, viewers.count(pull.spec.pullId));
  const infoOr = (pull: Pull | undefined): PullInfo | undefined => (pull === undefined ? undefined : info(pull));
  return {
    info,
    list: () => table.pulls.map(info),
    get: (pullId) => infoOr(table.get(pullId)),
    find: (name) => infoOr(table.find(name)),
    named(name) {
      const pull = table.find(name);
      return new Set([...(pull === undefined ? [] : [pull.spec.pullId]), ...viewers.named(nameKeyOf(name))]);
    },
  };
}
