{{- /* What NetworkPolicies depend on, and what they still let through. */ -}}
{{- define "extauthz.notes.network" -}}
{{- if .Values.networkPolicy.enabled }}
The network
   - A NetworkPolicy does something only where the CNI plugin enforces it (Calico and Cilium do, flannel does not). See it:
     from a pod that is not named in networkPolicy.proxies, nothing may answer.
   - Every namespace has the label kubernetes.io/metadata.name, its name, from Kubernetes. Any other label that a
     namespaceSelector names is yours to set: kubectl get namespaces --show-labels
   {{- if .Values.networkPolicy.egress.restrict }}
   - Names are resolved by {{ if .Values.networkPolicy.egress.dns.peers }}the pods in networkPolicy.egress.dns.peers{{ else }}everybody{{ end }}, port {{ join ", " .Values.networkPolicy.egress.dns.ports }}: change both for OpenShift or NodeLocal DNSCache.
   {{- end }}
   {{- if ne (include "extauthz.testParts" .) "" }}
   - A pod in namespace {{ .Release.Namespace }} with the labels of `helm test` may ask as well: whoever may make pods there can put them
     on one. test.enabled: false closes that door.
   {{- end }}
   {{- range .Values.networkPolicy.proxies }}
   {{- if eq (include "extauthz.everybody" .) "true" }}

WARNING: networkPolicy.proxies lets in everybody, or nearly: {{ toJson . }}. Whoever asks learns how the policies decide.
   {{- end }}
   {{- end }}
   {{- range .Values.networkPolicy.monitoring }}
   {{- if eq (include "extauthz.everybody" .) "true" }}

WARNING: networkPolicy.monitoring lets in everybody, or nearly: {{ toJson . }}. {{ include "extauthz.notes.admin" $ }}
   {{- end }}
   {{- end }}
{{- else }}
WARNING: networkPolicy is off. Every pod of the cluster can ask, and learns how the policies decide.
{{ include "extauthz.notes.admin" . }}
{{- end }}
{{- end -}}

{{- define "extauthz.notes.admin" -}}
Whoever reaches port {{ int .Values.admin.port }} has the metrics and the last denials, and can have the configuration read again.
{{- end -}}

{{- /*
Whether a NetworkPolicyPeer is every pod of the cluster, or nearly: a block of addresses as wide as the networks that
clusters take for their pods (10.0.0.0/8), or a namespaceSelector, and no podSelector, that leaves out nobody or some.
*/ -}}
{{- define "extauthz.everybody" -}}
{{- if .ipBlock -}}
  {{- le (regexFind "[0-9]+$" .ipBlock.cidr | int) 8 -}}
{{- else if hasKey . "namespaceSelector" -}}
  {{- and (eq (include "extauthz.selectsAll" .namespaceSelector) "true") (eq (include "extauthz.selectsAll" .podSelector) "true") -}}
{{- end -}}
{{- end -}}

{{- /* Whether a label selector has nothing in it but what is true of all namespaces or pods, or of all but some. */ -}}
{{- define "extauthz.selectsAll" -}}
{{- $selector := . | default dict -}}
{{- $all := empty $selector.matchLabels -}}
{{- range $selector.matchExpressions -}}
  {{- $everywhere := and (eq .operator "Exists") (eq .key "kubernetes.io/metadata.name") -}}
  {{- if not (or $everywhere (eq .operator "NotIn")) }}{{ $all = false }}{{ end -}}
{{- end -}}
{{- $all -}}
{{- end -}}
