import { storageHostStateOf } from '../storage-host-view.ts';
import { nothing, reads } from './method.ts';

export const storageHostMethods = {
  'storageHost.readState': reads(nothing, ({ world, server }) => storageHostStateOf(world, server)),
};
