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
   {{- range .Values.networkPolicy.proxies }}
   {{- $everywhere := and (hasKey . "namespaceSelector") (not .namespaceSelector) (not .podSelector) }}
   {{- if or $everywhere (has (dig "ipBlock" "cidr" "" .) (list "0.0.0.0/0" "::/0")) }}

WARNING: networkPolicy.proxies lets in everybody: {{ toJson . }}. Whoever asks learns how the policies decide.
   {{- end }}
   {{- end }}
{{- else }}
WARNING: networkPolicy is off. Every pod of the cluster can ask, and learns how the policies decide.
{{- end }}
{{- end -}}
