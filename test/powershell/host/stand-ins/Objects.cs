using System.Collections;
using System.Management.Automation;
using Microsoft.PowerShell.Commands;

namespace Quorate.PowerShellHost.StandIns;

/// <summary>A column that a user named: a property name, a wildcard, a script block or @{ Name; Expression; Descending }.</summary>
internal sealed record Column(string Name, Func<PSObject, IEnumerable<(string Name, object? Value)>> Read, bool? Descending)
{
    public object? First(PSObject item) => Read(item).Select(found => found.Value).FirstOrDefault();

    public static List<Column> Make(IEnumerable<object> given) => [.. given.Select(One)];

    private static Column One(object given)
    {
        given = given is PSObject wrapped ? wrapped.BaseObject : given;
        if (given is not IDictionary table) return Of(given, null, null);
        object? expression = null;
        string? name = null;
        bool? descending = null;
        foreach (DictionaryEntry entry in table)
        {
            var key = entry.Key.ToString()!.ToLowerInvariant();
            if ("name".StartsWith(key, StringComparison.Ordinal) || "label".StartsWith(key, StringComparison.Ordinal)) name = entry.Value?.ToString();
            else if ("expression".StartsWith(key, StringComparison.Ordinal)) expression = entry.Value is PSObject inner ? inner.BaseObject : entry.Value;
            else if ("descending".StartsWith(key, StringComparison.Ordinal)) descending = LanguagePrimitives.IsTrue(entry.Value);
            else if ("ascending".StartsWith(key, StringComparison.Ordinal)) descending = !LanguagePrimitives.IsTrue(entry.Value);
        }
        return Of(expression ?? name ?? "", name, descending);
    }

    private static Column Of(object source, string? name, bool? descending)
    {
        var expression = source is ScriptBlock block ? new PSPropertyExpression(block) : new PSPropertyExpression(source.ToString());
        return new Column(name ?? expression.ToString(), item => Values(item, expression, name), descending);
    }

    private static IEnumerable<(string, object?)> Values(PSObject item, PSPropertyExpression expression, string? name)
    {
        // A dictionary's keys count as properties, as in the real commands.
        if (expression.Script == null && !expression.HasWildCardCharacters && item.BaseObject is IDictionary table && table.Contains(expression.ToString()))
            return [(name ?? expression.ToString(), table[expression.ToString()])];
        return expression.GetValues(item).Where(result => result.Exception == null)
            .Select(result => (name ?? result.ResolvedExpression.ToString(), (object?)result.Result));
    }
}

[Cmdlet(VerbsCommon.Select, "Object", DefaultParameterSetName = "DefaultParameter")]
public sealed class SelectObjectCommand : PSCmdlet
{
    private readonly List<PSObject> kept = [];
    private int seen;
    private int given;

    [Parameter(ValueFromPipeline = true)] public PSObject? InputObject { get; set; }
    [Parameter(Position = 0, ParameterSetName = "DefaultParameter")] public object[] Property { get; set; } = [];
    [Parameter(ParameterSetName = "DefaultParameter")] public string? ExpandProperty { get; set; }
    [Parameter] public SwitchParameter Unique { get; set; }
    [Parameter(ParameterSetName = "DefaultParameter"), ValidateRange(0, int.MaxValue)] public int First { get; set; } = -1;
    [Parameter(ParameterSetName = "DefaultParameter"), ValidateRange(0, int.MaxValue)] public int Last { get; set; } = -1;
    [Parameter(ParameterSetName = "DefaultParameter"), ValidateRange(0, int.MaxValue)] public int Skip { get; set; }
    [Parameter(ParameterSetName = "IndexParameter"), ValidateRange(0, int.MaxValue)] public int[]? Index { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject == null) return;
        if (Last >= 0 || Index != null) { kept.Add(InputObject); return; }
        if (seen++ < Skip || (First >= 0 && given >= First)) return;
        given++;
        Give(InputObject);
    }

    protected override void EndProcessing()
    {
        if (Index != null) { foreach (var index in Index) if (index < kept.Count) Give(kept[index]); return; }
        if (Last >= 0) foreach (var item in kept.SkipLast(Skip).TakeLast(Last)) Give(item);
    }

    private readonly List<PSObject> unique = [];

    private void Give(PSObject item)
    {
        PSObject result = item;
        if (Property.Length > 0)
        {
            result = new PSObject();
            foreach (var type in item.TypeNames.Reverse()) if (type != "System.Object") { result.TypeNames.Insert(0, "Selected." + item.TypeNames[0]); break; }
            foreach (var column in Column.Make(Property))
            {
                var values = column.Read(item).ToList();
                if (values.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(column.Name)) values.Add((column.Name, null));
                foreach (var (name, value) in values)
                    if (result.Properties[name] == null) result.Properties.Add(new PSNoteProperty(name, value));
            }
        }
        if (ExpandProperty != null)
        {
            var values = Column.Make([ExpandProperty])[0].Read(item).ToList();
            if (values.Count == 0)
            {
                WriteError(new ErrorRecord(new PSArgumentException($"Property \"{ExpandProperty}\" cannot be found."), "ExpandPropertyNotFound", ErrorCategory.InvalidArgument, item));
                return;
            }
            foreach (var (_, value) in values) WriteObject(value, true);
            return;
        }
        if (Unique)
        {
            if (unique.Any(earlier => Same(earlier, result))) return;
            unique.Add(result);
        }
        WriteObject(result);
    }

    private bool Same(PSObject left, PSObject right) => Property.Length == 0
        ? LanguagePrimitives.Equals(left, right, false)
        : left.Properties.All(property => LanguagePrimitives.Equals(property.Value, right.Properties[property.Name]?.Value, false));
}

[Cmdlet("Sort", "Object")]
public sealed class SortObjectCommand : PSCmdlet
{
    private readonly List<PSObject> items = [];

    [Parameter(ValueFromPipeline = true)] public PSObject? InputObject { get; set; }
    [Parameter(Position = 0)] public object[] Property { get; set; } = [];
    [Parameter] public SwitchParameter Descending { get; set; }
    [Parameter] public SwitchParameter Unique { get; set; }
    [Parameter] public SwitchParameter CaseSensitive { get; set; }

    protected override void ProcessRecord() { if (InputObject != null) items.Add(InputObject); }

    protected override void EndProcessing()
    {
        var columns = Column.Make(Property);
        var sorted = items.Select(item => (Item: item, Keys: columns.Count == 0 ? [item.BaseObject] : columns.Select(column => column.First(item)).ToArray())).ToList();
        int Compare(object?[] left, object?[] right)
        {
            for (var at = 0; at < left.Length; at++)
            {
                var order = LanguagePrimitives.TryCompare(left[at], right[at], !CaseSensitive, out var known) ? known
                    : string.Compare(left[at]?.ToString(), right[at]?.ToString(), StringComparison.OrdinalIgnoreCase);
                if (order != 0) return (columns.Count == 0 ? null : columns[at].Descending) ?? Descending ? -order : order;
            }
            return 0;
        }
        object?[]? last = null;
        foreach (var (item, keys) in sorted.Order(Comparer<(PSObject Item, object?[] Keys)>.Create((left, right) => Compare(left.Keys, right.Keys))))
        {
            if (Unique && last != null && Compare(last, keys) == 0) continue;
            last = keys;
            WriteObject(item);
        }
    }
}

[Cmdlet(VerbsDiagnostic.Measure, "Object")]
public sealed class MeasureObjectCommand : PSCmdlet
{
    private int count;
    private readonly Dictionary<string, List<double>> numbers = new(StringComparer.OrdinalIgnoreCase);

    [Parameter(ValueFromPipeline = true)] public PSObject? InputObject { get; set; }
    [Parameter(Position = 0)] public string[] Property { get; set; } = [];
    [Parameter] public SwitchParameter Sum { get; set; }
    [Parameter] public SwitchParameter Average { get; set; }
    [Parameter] public SwitchParameter Maximum { get; set; }
    [Parameter] public SwitchParameter Minimum { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject == null) return;
        count++;
        foreach (var name in Property.Length == 0 ? [""] : Property)
        {
            var value = name.Length == 0 ? InputObject.BaseObject : InputObject.Properties[name]?.Value;
            if (value == null || (name.Length == 0 && !(Sum || Average || Maximum || Minimum))) continue;
            if (!numbers.TryGetValue(name, out var list)) numbers[name] = list = [];
            list.Add((double)LanguagePrimitives.ConvertTo(value, typeof(double), System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    protected override void EndProcessing()
    {
        foreach (var name in Property.Length == 0 ? [""] : Property)
        {
            var list = numbers.GetValueOrDefault(name) ?? [];
            var result = new PSObject();
            result.TypeNames.Insert(0, "Microsoft.PowerShell.Commands.GenericMeasureInfo");
            result.Properties.Add(new PSNoteProperty("Count", name.Length == 0 ? count : list.Count));
            result.Properties.Add(new PSNoteProperty("Average", Average && list.Count > 0 ? list.Average() : null));
            result.Properties.Add(new PSNoteProperty("Sum", Sum && list.Count > 0 ? list.Sum() : Sum ? 0.0 : null));
            result.Properties.Add(new PSNoteProperty("Maximum", Maximum && list.Count > 0 ? list.Max() : null));
            result.Properties.Add(new PSNoteProperty("Minimum", Minimum && list.Count > 0 ? list.Min() : null));
            result.Properties.Add(new PSNoteProperty("Property", name.Length == 0 ? null : name));
            WriteObject(result);
        }
    }
}

[Cmdlet("Group", "Object")]
public sealed class GroupObjectCommand : PSCmdlet
{
    private readonly List<(object? Key, List<PSObject> Items)> groups = [];

    [Parameter(ValueFromPipeline = true)] public PSObject? InputObject { get; set; }
    [Parameter(Position = 0)] public object[] Property { get; set; } = [];
    [Parameter] public SwitchParameter NoElement { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject == null) return;
        var columns = Column.Make(Property);
        var key = columns.Count == 0 ? InputObject.BaseObject : columns.Count == 1 ? columns[0].First(InputObject)
            : string.Join(", ", columns.Select(column => column.First(InputObject)));
        var group = groups.FirstOrDefault(known => LanguagePrimitives.Equals(known.Key, key, true));
        if (group.Items == null) groups.Add(group = (key, []));
        group.Items.Add(InputObject);
    }

    protected override void EndProcessing()
    {
        foreach (var (key, items) in groups.OrderBy(group => group.Key, Comparer<object?>.Create((left, right) =>
            LanguagePrimitives.TryCompare(left, right, true, out var order) ? order : string.CompareOrdinal(left?.ToString(), right?.ToString()))))
        {
            var result = new PSObject();
            result.TypeNames.Insert(0, "Microsoft.PowerShell.Commands.GroupInfo");
            result.Properties.Add(new PSNoteProperty("Values", new[] { key }));
            result.Properties.Add(new PSNoteProperty("Count", items.Count));
            if (!NoElement) result.Properties.Add(new PSNoteProperty("Group", items.ToArray()));
            result.Properties.Add(new PSNoteProperty("Name", LanguagePrimitives.ConvertTo(key, typeof(string), System.Globalization.CultureInfo.InvariantCulture)));
            WriteObject(result);
        }
    }
}

[Cmdlet(VerbsCommon.New, "Object", DefaultParameterSetName = "Net")]
public sealed class NewObjectCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true)] public string TypeName { get; set; } = "";
    [Parameter(Position = 1)] public object[] ArgumentList { get; set; } = [];
    [Parameter] public IDictionary? Property { get; set; }

    protected override void BeginProcessing()
    {
        if (!LanguagePrimitives.TryConvertTo<Type>(TypeName, out var type))
            ThrowTerminatingError(new ErrorRecord(new TypeLoadException($"Cannot find type [{TypeName}]."), "TypeNotFound", ErrorCategory.InvalidType, null));
        object? made = null;
        if (type == typeof(PSObject) || type!.FullName == "System.Management.Automation.PSCustomObject") made = new PSObject();
        else
        {
            try { made = ArgumentList.Length == 0 ? Activator.CreateInstance(type) : LanguagePrimitives.ConvertTo(
                InvokeCommand.InvokeScript(false, ScriptBlock.Create("param($t, $a) ,($t::new.Invoke($a))"), null, type, ArgumentList)[0], type); }
            catch (Exception exception) when (exception is RuntimeException or MissingMethodException or System.Reflection.TargetInvocationException)
            {
                ThrowTerminatingError(new ErrorRecord(exception, "ConstructorInvokedThrowException,Microsoft.PowerShell.Commands.NewObjectCommand", ErrorCategory.InvalidOperation, null));
            }
        }
        var result = PSObject.AsPSObject(made);
        if (Property != null)
            foreach (DictionaryEntry entry in Property)
            {
                var name = entry.Key.ToString()!;
                if (result.Properties[name] is { } known) known.Value = entry.Value;
                else result.Properties.Add(new PSNoteProperty(name, entry.Value));
            }
        WriteObject(made is PSObject ? result : made);
    }
}

[Cmdlet(VerbsLifecycle.Start, "Sleep", DefaultParameterSetName = "Seconds")]
public sealed class StartSleepCommand : PSCmdlet, IDisposable
{
    private readonly ManualResetEvent stop = new(false);

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Seconds", ValueFromPipeline = true)] public double Seconds { get; set; }
    [Parameter(Mandatory = true, ParameterSetName = "Milliseconds", ValueFromPipelineByPropertyName = true), Alias("ms"), ValidateRange(0, int.MaxValue)] public int Milliseconds { get; set; }

    protected override void ProcessRecord() => stop.WaitOne(ParameterSetName == "Seconds" ? (int)(Seconds * 1000) : Milliseconds);
    protected override void StopProcessing() => stop.Set();
    public void Dispose() => stop.Dispose();
}

[Cmdlet(VerbsCommon.Get, "Date")]
public sealed class GetDateCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)] public DateTime? Date { get; set; }

    protected override void ProcessRecord() => WriteObject(Date ?? DateTime.Now);
}
