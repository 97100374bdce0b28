// The answers of the world process as PowerShell objects. Compiled, because the same in PowerShell took most of the time of the tests.
// C# 5, which the compiler of Windows PowerShell 5.1 takes.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Reflection;
using System.Reflection.Emit;
using System.Text;

namespace Quorate
{
    /// <summary>Stands where Test-NetworkEcho.ps1 would make its type: the calls of iphlpapi.dll, answered by the world in the layout of ipexport.h.</summary>
    public static class IcmpApi
    {
        /// <summary>Source (or null), destination, payload bytes, don't fragment; answers with an IP_STATUS.</summary>
        public static Func<string, string, int, bool, int> Ask;

        public static IntPtr IcmpCreateFile() { return new IntPtr(1); }
        public static IntPtr Icmp6CreateFile() { return new IntPtr(2); }
        public static bool IcmpCloseHandle(IntPtr handle) { return true; }

        public static uint IcmpSendEcho2Ex(IntPtr handle, IntPtr done, IntPtr routine, IntPtr context, uint source, uint destination, IntPtr data, ushort size, IntPtr options, IntPtr reply, uint replySize, uint timeout)
        {
            var from = source == 0 ? null : new System.Net.IPAddress(BitConverter.GetBytes(source)).ToString();
            var to = new System.Net.IPAddress(BitConverter.GetBytes(destination)).ToString();
            return Answer(from, to, size, options, reply, replySize, 4, 28);
        }

        public static uint Icmp6SendEcho2(IntPtr handle, IntPtr done, IntPtr routine, IntPtr context, IntPtr source, IntPtr destination, IntPtr data, ushort size, IntPtr options, IntPtr reply, uint replySize, uint timeout)
        {
            var from = AddressAt(source);
            return Answer(from.Equals(System.Net.IPAddress.IPv6Any) ? null : from.ToString(), AddressAt(destination).ToString(), size, options, reply, replySize, 28, 40);
        }

        private static System.Net.IPAddress AddressAt(IntPtr socketAddress)
        {
            var bytes = new byte[16];
            System.Runtime.InteropServices.Marshal.Copy(IntPtr.Add(socketAddress, 8), bytes, 0, 16);
            return new System.Net.IPAddress(bytes);
        }

        private static uint Answer(string source, string destination, int size, IntPtr options, IntPtr reply, uint replySize, int statusAt, int least)
        {
            if (replySize < least + size + 8) throw new ArgumentException("The reply buffer is too small for a reply and an ICMP error.");
            var status = Ask(source, destination, size, (System.Runtime.InteropServices.Marshal.ReadByte(options, 2) & 2) != 0);
            System.Runtime.InteropServices.Marshal.WriteInt32(reply, statusAt, status);
            System.Runtime.InteropServices.Marshal.WriteInt32(reply, statusAt + 4, status == 0 ? 1 : 0);
            if (status == 0) return 1;
            // Windows returns no reply then, and tells why by GetLastError.
            var remember = typeof(System.Runtime.InteropServices.Marshal).GetMethod("SetLastPInvokeError", new[] { typeof(int) });
            if (remember == null) return 1;
            remember.Invoke(null, new object[] { status });
            return 0;
        }
    }
}

namespace Quorate
{
    /// <summary>Stands where Get-ClusterNameLookup.ps1 would take System.DirectoryServices.DirectorySearcher: what a world's directory answers.</summary>
    public sealed class DirectorySearcher : IDisposable
    {
        /// <summary>Filter, properties to load; answers with lines "name=value|value", or null where nothing was found.</summary>
        public static Func<string, string[], string[]> Ask;

        public DirectorySearcher() { PropertiesToLoad = new System.Collections.Specialized.StringCollection(); }
        public string Filter { get; set; }
        public System.Collections.Specialized.StringCollection PropertiesToLoad { get; private set; }

        public FoundObject FindOne()
        {
            var names = new string[PropertiesToLoad.Count];
            PropertiesToLoad.CopyTo(names, 0);
            var lines = Ask(Filter, names);
            return lines == null ? null : new FoundObject(lines);
        }

        public void Dispose() { }
    }

    /// <summary>Has what SearchResult shows: values by the names of their attributes in lower case.</summary>
    public sealed class FoundObject
    {
        public FoundObject(string[] lines)
        {
            Properties = new Hashtable();
            foreach (var line in lines)
            {
                var at = line.IndexOf('=');
                Properties[line.Substring(0, at).ToLowerInvariant()] = line.Substring(at + 1).Split('|');
            }
        }

        public Hashtable Properties { get; private set; }
    }
}

namespace Quorate.Simulation
{
    /// <summary>The world gave an object something that Windows does not give it.</summary>
    public sealed class UntrueAnswerException : Exception
    {
        public UntrueAnswerException(string message) : base(message) { }
    }

    /// <summary>A line of JSON as hashtables, arrays, strings, numbers, booleans and null. Dates stay strings.</summary>
    public sealed class Json
    {
        private readonly string text;
        private int at;

        private Json(string text) { this.text = text; }

        public static object Parse(string text)
        {
            var reader = new Json(text);
            var value = reader.Value();
            reader.Blank();
            if (reader.at < text.Length) throw reader.Unexpected();
            return value;
        }

        private FormatException Unexpected()
        {
            return new FormatException("Unexpected text at character " + at + " of the JSON.");
        }

        private void Blank()
        {
            while (at < text.Length && " \t\r\n".IndexOf(text[at]) >= 0) at++;
        }

        private char Next()
        {
            Blank();
            if (at >= text.Length) throw Unexpected();
            return text[at];
        }

        private void Take(string word)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0) throw Unexpected();
            at += word.Length;
        }

        private object Value()
        {
            switch (Next())
            {
                case '{': return Table();
                case '[': return List();
                case '"': return Text();
                case 't': Take("true"); return true;
                case 'f': Take("false"); return false;
                case 'n': Take("null"); return null;
                default: return Number();
            }
        }

        private Hashtable Table()
        {
            var table = new Hashtable(StringComparer.OrdinalIgnoreCase);
            at++;
            if (Next() == '}') { at++; return table; }
            for (; ; )
            {
                if (Next() != '"') throw Unexpected();
                var key = Text();
                if (Next() != ':') throw Unexpected();
                at++;
                table[key] = Value();
                var end = Next();
                at++;
                if (end == '}') return table;
                if (end != ',') throw Unexpected();
            }
        }

        private object[] List()
        {
            var items = new List<object>();
            at++;
            if (Next() == ']') { at++; return items.ToArray(); }
            for (; ; )
            {
                items.Add(Value());
                var end = Next();
                at++;
                if (end == ']') return items.ToArray();
                if (end != ',') throw Unexpected();
            }
        }

        private string Text()
        {
            var builder = new StringBuilder();
            for (at++; at < text.Length; at++)
            {
                var one = text[at];
                if (one == '"') { at++; return builder.ToString(); }
                if (one != '\\') { builder.Append(one); continue; }
                at++;
                if (at >= text.Length) break;
                switch (text[at])
                {
                    case 'n': builder.Append('\n'); break;
                    case 'r': builder.Append('\r'); break;
                    case 't': builder.Append('\t'); break;
                    case 'b': builder.Append('\b'); break;
                    case 'f': builder.Append('\f'); break;
                    case 'u':
                        if (at + 4 >= text.Length) throw Unexpected();
                        builder.Append((char)Convert.ToInt32(text.Substring(at + 1, 4), 16));
                        at += 4;
                        break;
                    default: builder.Append(text[at]); break;
                }
            }
            throw Unexpected();
        }

        private object Number()
        {
            var from = at;
            while (at < text.Length && "+-.eE0123456789".IndexOf(text[at]) >= 0) at++;
            if (at == from) throw Unexpected();
            var token = text.Substring(from, at - from);
            if (token.IndexOfAny(new[] { '.', 'e', 'E' }) >= 0) return double.Parse(token, CultureInfo.InvariantCulture);
            var whole = decimal.Parse(token, CultureInfo.InvariantCulture);
            if (whole >= int.MinValue && whole <= int.MaxValue) return (int)whole;
            if (whole >= long.MinValue && whole <= long.MaxValue) return (long)whole;
            return whole;
        }
    }

    /// <summary>Makes the objects of answers: with the type names, the properties and the property types that Windows gives.</summary>
    public sealed class ObjectMaker
    {
        private const string Prefix = "Microsoft.Management.Infrastructure.CimInstance#";
        private const string CimInstance = "Microsoft.Management.Infrastructure.CimInstance";

        private readonly string folder;
        private readonly Dictionary<string, Hashtable> classes = new Dictionary<string, Hashtable>(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<string, Type> enumerations = new Dictionary<string, Type>();
        private ModuleBuilder module;

        /// <param name="folder">Holds a text for each CIM class: types of properties, bases, names that a module's type file adds.</param>
        public ObjectMaker(string folder) { this.folder = folder; }

        /// <summary>Told of each object that has properties which take effect when they are set, and which ("settable" of the answer).</summary>
        public Action<PSObject, Hashtable> OnSettable { get; set; }

        private Hashtable ClassOf(string name)
        {
            Hashtable found;
            if (classes.TryGetValue(name, out found)) return found;
            var path = Path.Combine(folder, name + ".json");
            found = File.Exists(path) ? (Hashtable)Json.Parse(File.ReadAllText(path)) : null;
            classes[name] = found;
            return found;
        }

        /// <summary>A value of an answer: $date, $enum and objects (props) are made, lists and plain values kept.</summary>
        public object Make(object value)
        {
            var table = value as Hashtable;
            if (table != null)
            {
                if (table.ContainsKey("$date")) return DateTime.Parse((string)table["$date"], CultureInfo.InvariantCulture);
                if (table.ContainsKey("$enum")) return Enumerate(table);
                if (table.ContainsKey("$type") || table.ContainsKey("props")) return MakeObject(table);
                var plain = new PSObject();
                foreach (DictionaryEntry entry in table) Add(plain, (string)entry.Key, Make(entry.Value));
                return plain;
            }
            var list = value as object[];
            return list == null ? value : Array.ConvertAll(list, Make);
        }

        private static void Add(PSObject made, string name, object value)
        {
            made.Properties.Add(new PSNoteProperty(name, value));
        }

        /// <summary>{ $enum, name, value }: a true enumeration with this one member, so that its text is the name and its number the number.</summary>
        private object Enumerate(Hashtable table)
        {
            var full = (string)table["$enum"];
            var name = (string)table["name"];
            var number = LanguagePrimitives.ConvertTo<int>(table["value"]);
            var key = full + "|" + name + "|" + number;
            Type type;
            if (!enumerations.TryGetValue(key, out type))
            {
                if (module == null)
                    module = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Quorate.Simulation.Enumerations"), AssemblyBuilderAccess.Run)
                        .DefineDynamicModule("Enumerations");
                // Two enumerations of one name are two types; a name is taken once in a module.
                var builder = module.DefineEnum("_" + enumerations.Count + "." + full.Substring(full.LastIndexOf('.') + 1), TypeAttributes.Public, typeof(int));
                builder.DefineLiteral(name, number);
                type = builder.CreateTypeInfo().AsType();
                enumerations[key] = type;
            }
            return Enum.ToObject(type, number);
        }

        private PSObject MakeObject(Hashtable answer)
        {
            var type = answer["$type"] as string ?? "";
            // props are the class's own values; shown is what a module's type file puts in the place of some of them.
            var props = (Hashtable)answer["props"] ?? new Hashtable();
            var shown = (Hashtable)answer["shown"] ?? new Hashtable();
            var className = type.StartsWith(Prefix, StringComparison.Ordinal) ? type.Substring(type.LastIndexOf('/') + 1).Replace(Prefix, "") : null;
            var known = className == null ? null : ClassOf(className);
            if (known != null) return MakeInstance(type, className, known, props, shown);
            var made = new PSObject();
            foreach (DictionaryEntry entry in props)
                Add(made, (string)entry.Key, Make(shown.ContainsKey(entry.Key) ? shown[entry.Key] : entry.Value));
            foreach (DictionaryEntry entry in shown)
                if (made.Properties[(string)entry.Key] == null) Add(made, (string)entry.Key, Make(entry.Value));
            var settable = answer["settable"] as Hashtable;
            if (settable != null && OnSettable != null) OnSettable(made, settable);
            if (type.Length == 0) return made;
            made.TypeNames.Clear();
            made.TypeNames.Add(type);
            if (className != null)
            {
                if (type.IndexOf('/') >= 0) made.TypeNames.Add(Prefix + className);
                made.TypeNames.Add(CimInstance);
            }
            made.TypeNames.Add("System.Object");
            return made;
        }

        private PSObject MakeInstance(string type, string className, Hashtable known, Hashtable props, Hashtable shown)
        {
            var made = new PSObject();
            var types = (Hashtable)known["properties"];
            var holders = new Hashtable(StringComparer.OrdinalIgnoreCase);
            foreach (DictionaryEntry entry in types)
            {
                var behind = props.ContainsKey(entry.Key) ? OfType(Make(props[entry.Key]), (string)entry.Value) : null;
                Add(made, (string)entry.Key, shown.ContainsKey(entry.Key) ? Make(shown[entry.Key]) : behind);
                var holder = new PSObject();
                Add(holder, "Name", entry.Key);
                Add(holder, "Value", behind);
                holders[entry.Key] = holder;
            }
            foreach (var more in new[] { props, shown })
                foreach (DictionaryEntry entry in more)
                {
                    var name = (string)entry.Key;
                    if (types.ContainsKey(name)) continue;
                    if (!(bool)known["open"] && !Array.Exists((object[])known["added"], one => string.Equals((string)one, name, StringComparison.OrdinalIgnoreCase)))
                        throw new UntrueAnswerException("The world gave " + className + " a property " + name + " that Windows does not give it.");
                    if (made.Properties[name] == null) Add(made, name, Make(entry.Value));
                }
            var space = type.Substring(Prefix.Length);
            space = space.IndexOf('/') >= 0 ? space.Substring(0, space.LastIndexOf('/')) : ((string)known["namespace"]).Replace('\\', '/');
            Add(made, "CimInstanceProperties", holders);
            var cimClass = new PSObject();
            Add(cimClass, "CimClassName", className);
            Add(made, "CimClass", cimClass);
            var system = new PSObject();
            Add(system, "ClassName", className);
            Add(system, "Namespace", space);
            Add(system, "ServerName", Environment.GetEnvironmentVariable("QUORATE_WORLD_SERVER"));
            Add(made, "CimSystemProperties", system);
            // As the CIM adapter names them: with the namespace, then without, each with the bases, then plainly.
            var chain = new List<string> { className };
            foreach (string one in (object[])known["bases"]) chain.Add(one);
            made.TypeNames.Clear();
            foreach (var one in chain) made.TypeNames.Add(Prefix + space + "/" + one);
            foreach (var one in chain) made.TypeNames.Add(Prefix + one);
            made.TypeNames.Add(CimInstance);
            made.TypeNames.Add("System.Object");
            return made;
        }

        private static bool IsNumber(string text)
        {
            var digits = text.StartsWith("-", StringComparison.Ordinal) ? text.Substring(1) : text;
            return digits.Length > 0 && Array.TrueForAll(digits.ToCharArray(), one => one >= '0' && one <= '9');
        }

        /// <summary>A value in the type that its class gives the property. A name that a type file shows stays text.</summary>
        private static object OfType(object value, string type)
        {
            if (value == null) return null;
            var list = value as object[];
            if (type.EndsWith("[]", StringComparison.Ordinal))
            {
                var element = type.Substring(0, type.Length - 2);
                return Array.ConvertAll(list ?? new[] { value }, one => OfType(one, element));
            }
            // Some pages print a number where Windows gives a list (MSFT_Disk.OperationalStatus): both are taken.
            if (list != null) return Array.ConvertAll(list, one => OfType(one, type));
            var text = value as string;
            switch (type.ToLowerInvariant())
            {
                case "boolean": return LanguagePrimitives.IsTrue(value);
                case "string": return LanguagePrimitives.ConvertTo<string>(value);
                case "datetime":
                    return text != null && text.Length > 4 && text[4] == '-' && IsNumber(text.Substring(0, 4))
                        ? DateTime.Parse(text, CultureInfo.InvariantCulture)
                        : value;
            }
            if (text != null && !IsNumber(text)) return value;
            switch (type.ToLowerInvariant())
            {
                case "uint8": return LanguagePrimitives.ConvertTo<byte>(value);
                case "sint8": return LanguagePrimitives.ConvertTo<sbyte>(value);
                case "uint16": return LanguagePrimitives.ConvertTo<ushort>(value);
                case "sint16": return LanguagePrimitives.ConvertTo<short>(value);
                case "uint32": return LanguagePrimitives.ConvertTo<uint>(value);
                case "sint32": return LanguagePrimitives.ConvertTo<int>(value);
                case "uint64": return LanguagePrimitives.ConvertTo<ulong>(value);
                case "sint64": return LanguagePrimitives.ConvertTo<long>(value);
            }
            return value;
        }
    }
}
