import type { CoordinatorView } from '../../../shared/contract/coordinator.ts';

/** Why peers take no orders from this server, as a sentence; null: they do. */
export const whyNoOrders = ({ isThisServer, heard }: CoordinatorView): string | null =>
  isThisServer
    ? null
    : `peers take orders from their coordinator only, and ${heard ? `that is ${heard.name}` : 'there is none'}. Make this console the coordinator with "quorate peers coordinator --take".`;
