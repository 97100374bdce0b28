/** The reason of a signal that was aborted because the connection ended: whether that stops the work is for the one who answers to say. */
export const callerGone = Symbol('the caller is gone');
