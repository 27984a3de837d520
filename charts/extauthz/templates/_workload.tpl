{{- /* What runs the pods: a Deployment, or a StatefulSet, which gives each of them a claim of its own. */ -}}

{{- define "extauthz.persistent" -}}
{{- dig "persistence" "enabled" false .Values.state -}}
{{- end -}}

{{- define "extauthz.workloadKind" -}}
{{- ternary "StatefulSet" "Deployment" (eq (include "extauthz.persistent" .) "true") -}}
{{- end -}}

{{- /* How a new version comes: what is given, over the usual. Only a Deployment knows a pod too many. */ -}}
{{- define "extauthz.updateStrategy" -}}
{{- $given := .Values.updateStrategy | default dict -}}
{{- $type := $given.type | default "RollingUpdate" -}}
{{- $strategy := dict "type" $type -}}
{{- if eq $type "RollingUpdate" -}}
  {{- $rolling := ternary dict (dict "maxSurge" 1 "maxUnavailable" 0) (eq (include "extauthz.persistent" .) "true") -}}
  {{- range $key, $value := $given.rollingUpdate -}}
    {{- if not (kindIs "invalid" $value) }}{{ $_ := set $rolling $key $value }}{{ end -}}
  {{- end -}}
  {{- with $rolling }}{{ $_ := set $strategy "rollingUpdate" . }}{{ end -}}
{{- end -}}
{{- toYaml $strategy -}}
{{- end -}}

{{- /*
The pods' security context. At each start the kubelet lets the group write everything in a claim, and extauthz refuses
a state directory that others may write: so it does that once, at the claim's first start.
*/ -}}
{{- define "extauthz.podSecurityContext" -}}
{{- $context := deepCopy (.Values.podSecurityContext | default dict) -}}
{{- if and (eq (include "extauthz.persistent" .) "true") (not $context.fsGroupChangePolicy) -}}
  {{- $_ := set $context "fsGroupChangePolicy" "OnRootMismatch" -}}
{{- end -}}
{{- toYaml $context -}}
{{- end -}}
