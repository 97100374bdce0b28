import { Component, type ReactNode } from 'react';
import { FailureNote } from '../ui/failure-note.tsx';

/** A defect in one part leaves the others alive, says so and offers the way back. React writes it to the console. */
export class Boundary extends Component<
  { readonly what: string; readonly children: ReactNode },
  { readonly error: Error | null }
> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="f-broken">
        <h1 id="stage-title" tabIndex={-1}>
          This {this.props.what} stopped working.
        </h1>
        <p>Running tasks continue. This error changed nothing.</p>
        <FailureNote
          envelope={{
            code: 'INTERNAL_BUG',
            detail: { message: error.message },
            retry: 'now',
            effect: 'none',
            cause: null,
          }}
          onRetry={() => this.setState({ error: null })}
        />
      </div>
    );
  }
}
