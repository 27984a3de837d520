{{- /*
Hosts of Istio's rules that leave a way around: nobody is asked about a request that no rule matches. Istio compares the
whole of the Host header, with its port and in any case: `x` is not `x:443`; `*x` ends with x; `x*` begins with it.
*/ -}}
{{- define "extauthz.checks.istioHosts" -}}
{{- $found := list -}}
{{- range . -}}
  {{- range .to -}}
    {{- $hosts := list -}}
    {{- range .operation.hosts }}{{ $hosts = append $hosts (lower .) }}{{ end -}}
    {{- $told := list -}}
    {{- range ternary list $hosts (has "*" $hosts) -}}
      {{- $name := regexReplaceAll ":[0-9]*[*]?$" . "" -}}
      {{- if hasPrefix "*" . -}}
        {{- $found = append $found (printf "istio.authorizationPolicy.rules has the host %s: no wildcard in front takes a port, too, and who writes one would not be asked about; name the hosts, or leave hosts out and let policies tell them apart" .) -}}
      {{- else if not (or (hasSuffix "*" $name) (has $name $told)) -}}
        {{- $told = append $told $name -}}
        {{- if not (has $name $hosts) -}}
          {{- $found = append $found (printf "istio.authorizationPolicy.rules has the host %s: who writes no port would not be asked about; add `%s`" . $name) -}}
        {{- end -}}
        {{- if not (has (printf "%s:*" $name) $hosts) -}}
          {{- $found = append $found (printf "istio.authorizationPolicy.rules has the host %s: who writes a port behind it would not be asked about; add `%s:*`" $name $name) -}}
        {{- end -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toJson (uniq $found) -}}
{{- end -}}
