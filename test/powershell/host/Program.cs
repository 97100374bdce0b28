using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;

namespace Quorate.PowerShellHost;

/// <summary>
/// The real PowerShell engine in a console program, for tests on machines without Windows and without pwsh.
/// Takes the options of powershell.exe that the runner uses: -NoLogo -NoProfile -NonInteractive -NoExit
/// -ExecutionPolicy X, then -Command TEXT, -Command - (lines on stdin) or -File PATH ARGUMENTS.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        string? command = null;
        string? file = null;
        var rest = new List<string>();
        for (var index = 0; index < arguments.Length; index++)
        {
            switch (arguments[index].ToLowerInvariant())
            {
                case "-nologo" or "-noprofile" or "-noninteractive" or "-noexit":
                    break;
                case "-executionpolicy":
                    index++;
                    break;
                case "-command":
                    command = string.Join(' ', arguments[(index + 1)..]);
                    index = arguments.Length;
                    break;
                case "-file":
                    file = arguments[index + 1];
                    rest.AddRange(arguments[(index + 2)..]);
                    index = arguments.Length;
                    break;
                default:
                    Console.Error.WriteLine($"The option {arguments[index]} is not known to this host.");
                    return 64;
            }
        }

        var modules = Path.Combine(AppContext.BaseDirectory, "Modules");
        var path = Environment.GetEnvironmentVariable("PSModulePath");
        Environment.SetEnvironmentVariable("PSModulePath", string.IsNullOrEmpty(path) ? modules : modules + Path.PathSeparator + path);

        var host = new ConsoleHost();
        var state = InitialSessionState.CreateDefault2();
        // Two variables let tests meet what Windows' application control and group policy do to a session.
        if (Enum.TryParse<PSLanguageMode>(Environment.GetEnvironmentVariable("QUORATE_HOST_LANGUAGE"), out var language)) state.LanguageMode = language;
        using var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        runspace.Open();
        Runspace.DefaultRunspace = runspace;
        // Off Windows the engine never asks its authorization manager, so the refusal is raised one step earlier.
        if (Environment.GetEnvironmentVariable("QUORATE_HOST_POLICY") == "Restricted")
            runspace.SessionStateProxy.InvokeCommand.PreCommandLookupAction = (_, lookup) =>
            {
                if (!lookup.CommandName.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase)) return;
                lookup.CommandScriptBlock = ScriptBlock.Create("throw [System.Management.Automation.PSSecurityException]::new('Running scripts is disabled on this system.')");
                lookup.StopSearch = true;
            };

        if (file != null) return Run(runspace, host, shell =>
        {
            shell.AddCommand(Path.GetFullPath(file));
            foreach (var argument in rest) shell.AddArgument(argument);
        });
        if (command == null) return 64;
        if (command != "-") return Run(runspace, host, shell => shell.AddScript(command));

        // One byte at a time, so that nothing is taken from a script that reads stdin by itself.
        using var input = Console.OpenStandardInput();
        var line = new List<byte>();
        var status = 0;
        for (int next; host.ExitCode == null && (next = input.ReadByte()) >= 0;)
        {
            if (next != '\n') { line.Add((byte)next); continue; }
            var text = Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Clear();
            if (text.Length > 0) status = Run(runspace, host, shell => shell.AddScript(text));
        }
        return host.ExitCode ?? status;
    }

    private static int Run(Runspace runspace, ConsoleHost host, Action<System.Management.Automation.PowerShell> fill)
    {
        using var shell = System.Management.Automation.PowerShell.Create();
        shell.Runspace = runspace;
        fill(shell);
        shell.AddCommand("Out-Default");
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        try
        {
            shell.Invoke();
        }
        catch (RuntimeException exception)
        {
            host.UI.WriteErrorLine(exception.Message);
            host.UI.WriteErrorLine($"    + FullyQualifiedErrorId : {exception.ErrorRecord.FullyQualifiedErrorId}");
            return host.ExitCode ?? 1;
        }
        return host.ExitCode ?? 0;
    }
}
