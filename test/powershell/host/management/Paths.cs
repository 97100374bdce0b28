using System.Management.Automation;

namespace Quorate.PowerShellHost.StandIns;

[Cmdlet(VerbsCommon.Join, "Path")]
public sealed class JoinPathCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true), Alias("PSPath")] public string[] Path { get; set; } = [];
    [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true), AllowNull, AllowEmptyString] public string? ChildPath { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path) WriteObject(SessionState.Path.Combine(path, ChildPath));
    }
}

[Cmdlet(VerbsCommon.Split, "Path", DefaultParameterSetName = "ParentSet")]
public sealed class SplitPathCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)] public string[] Path { get; set; } = [];
    [Parameter(ParameterSetName = "ParentSet")] public SwitchParameter Parent { get; set; }
    [Parameter(ParameterSetName = "LeafSet", Mandatory = true)] public SwitchParameter Leaf { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path)
            WriteObject(Leaf ? SessionState.Path.ParseChildName(path) : SessionState.Path.ParseParent(path, ""));
    }
}

[Cmdlet(VerbsDiagnostic.Test, "Path", DefaultParameterSetName = "Path")]
[OutputType(typeof(bool))]
public sealed class TestPathCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Path", ValueFromPipeline = true)] public string[] Path { get; set; } = [];
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true), Alias("PSPath", "LP")] public string[] LiteralPath { get; set; } = [];
    [Parameter, ValidateSet("Any", "Container", "Leaf"), Alias("Type")] public string PathType { get; set; } = "Any";

    protected override void ProcessRecord()
    {
        var literal = ParameterSetName == "LiteralPath";
        foreach (var path in literal ? LiteralPath : Path)
        {
            var found = InvokeProvider.Item.Exists(path, true, literal);
            if (found && PathType != "Any") found = InvokeProvider.Item.IsContainer(path) == (PathType == "Container");
            WriteObject(found);
        }
    }
}
