import { AV_OPT_SEARCH_CHILDREN, AV_OPT_TYPE_STRING } from 'node-av/constants';
import type { FormatContext } from 'node-av/lib';

/** Sets an option of a muxer: of the context, or of its format. Gives an AVERROR when there is none of this name. */
export const optionOf = (context: FormatContext, name: string, value: string): number =>
  context.setOption(name, value, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN);
