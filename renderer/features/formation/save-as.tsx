import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { FormationExportFormat } from '../../../shared/contract/formation.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf, isDesktop } from '../../api/core.ts';
import { chooseDestination, chooseFolder, download } from '../../api/files.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { useFormation } from './store.ts';

const texts: Readonly<
  Record<FormationExportFormat, { label: string; name: string; fileType: string; extension: string }>
> = {
  file: { label: 'Save', name: 'cluster.json', fileType: 'Cluster file', extension: 'json' },
  markdown: { label: 'Runbook', name: 'runbook.md', fileType: 'Markdown', extension: 'md' },
  powershell: { label: 'PowerShell scripts', name: 'scripts', fileType: 'PowerShell', extension: 'ps1' },
  json: { label: 'Plan as JSON', name: 'plan.json', fileType: 'Plan', extension: 'json' },
  html: { label: 'Record as HTML', name: 'formation.html', fileType: 'Web page', extension: 'html' },
  pdf: { label: 'Record as PDF', name: 'formation.pdf', fileType: 'PDF document', extension: 'pdf' },
};

/** Buttons that write the plan, the file or the record. */
export const SaveAs = ({
  formats,
  rehearsal = null,
}: {
  formats: readonly FormationExportFormat[];
  rehearsal?: string | null;
}): JSX.Element => {
  const draft = useFormation((state) => state.draft);
  const [said, setSaid] = useState('');
  const [failure, setFailure] = useState<Envelope | null>(null);
  const save = async (format: FormationExportFormat): Promise<void> => {
    setFailure(null);
    setSaid('');
    const { name, fileType, extension } = texts[format];
    try {
      const folder = format === 'powershell' && isDesktop() ? await chooseFolder('Folder for the scripts') : null;
      const to =
        format === 'powershell'
          ? !isDesktop()
            ? ({ kind: 'content' } as const)
            : folder === null
              ? null
              : ({ kind: 'path', path: folder } as const)
          : await chooseDestination('Save', name, { name: fileType, extensions: [extension] });
      if (to === null) return;
      const { files } = await call('formation.export', {
        format,
        to,
        ...(draft && format !== 'html' && format !== 'pdf' ? draft : {}),
        ...(rehearsal === null ? {} : { rehearsal }),
      });
      for (const file of files) if (file.base64 !== null) download(file.name, file.mediaType, file.base64);
      setSaid(
        files.length === 0
          ? 'Nothing was written: no server plans a change.'
          : `Written: ${files.map((file) => file.path ?? file.name).join(', ')}`,
      );
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  return (
    <>
      {formats.map((format) => (
        <Button key={format} onClick={() => void save(format)}>
          {texts[format].label}
        </Button>
      ))}
      <span role="status" className="q-quiet">
        <bdi>{said}</bdi>
      </span>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </>
  );
};
