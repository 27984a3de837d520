{{- /* A request that the first policy is for, of those that a request alone can choose, as options of `extauthz explain`. */ -}}
{{- define "extauthz.notes.request" -}}
{{- $host := "HOST" -}}
{{- $path := "PATH" -}}
{{- $method := "GET" -}}
{{- if eq (include "extauthz.configSource" .) "inline" -}}
  {{- $host = "web.example.com" -}}
  {{- $path = "/" -}}
  {{- $chosen := false -}}
  {{- range dig "policies" list (.Values.config | default dict) -}}
    {{- $when := .when | default dict -}}
    {{- if not (or $chosen $when.context $when.sni) -}}
      {{- $chosen = true -}}
      {{- with $when.hosts }}{{ $host = ternary "HOST" (regexReplaceAll "[*]+" (first .) "x") (hasPrefix "re:" (first .)) }}{{ end -}}
      {{- with $when.paths }}{{ $path = ternary "PATH" (regexReplaceAll "[*]+" (first .) "x") (hasPrefix "re:" (first .)) }}{{ end -}}
      {{- with $when.methods }}{{ $method = first . }}{{ end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
--host {{ $host | squote }} --path {{ $path | squote }}{{ if ne $method "GET" }} --method {{ $method }}{{ end }}
{{- end -}}
