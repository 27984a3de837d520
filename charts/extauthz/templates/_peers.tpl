{{- /*
Whether networkPolicy.proxies lets in pods that are known by some labels: "false" only where every peer is certain to
leave them out, as by another name of a namespace or another value of the same label. A list: the root, the namespace of
the pods (or ""), and their labels, each with the values that it may have.
*/ -}}
{{- define "extauthz.peersMayBe" -}}
{{- $root := index . 0 -}}
{{- $namespace := index . 1 -}}
{{- $labels := index . 2 -}}
{{- $found := not $root.Values.networkPolicy.enabled -}}
{{- range $root.Values.networkPolicy.proxies -}}
  {{- $fits := true -}}
  {{- if not (hasKey . "ipBlock") -}}
    {{- $there := dig "matchLabels" "kubernetes.io/metadata.name" "" (.namespaceSelector | default dict) -}}
    {{- if not (hasKey . "namespaceSelector") }}{{ $there = $root.Release.Namespace }}{{ end -}}
    {{- if and $namespace $there (ne $namespace $there) }}{{ $fits = false }}{{ end -}}
    {{- range $key, $value := dig "matchLabels" dict (.podSelector | default dict) -}}
      {{- if and (hasKey $labels $key) (not (has $value (index $labels $key))) }}{{ $fits = false }}{{ end -}}
    {{- end -}}
  {{- end -}}
  {{- if $fits }}{{ $found = true }}{{ end -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{- /* Warnings of names that must agree with those of the gateways that ask. A list: the root, the key, its policy. */ -}}
{{- define "extauthz.notes.gateways" -}}
{{- $root := index . 0 -}}
{{- $key := index . 1 -}}
{{- $policy := index . 2 -}}
{{- $namespace := $policy.namespace | default $root.Release.Namespace -}}
{{- $gateways := list -}}
{{- $others := false -}}
{{- range $policy.targetRefs -}}
  {{- if eq .kind "Gateway" }}{{ $gateways = append $gateways .name }}{{ else }}{{ $others = true }}{{ end -}}
{{- end -}}
{{- $labels := dict -}}
{{- range $name, $value := $policy.selector }}{{ $_ := set $labels $name (list $value) }}{{ end -}}
{{- $names := and $gateways (not $others) -}}
{{- /* The proxies of Envoy Gateway run in its own namespace, or with a mode of it in that of the Gateway. */ -}}
{{- $place := $namespace -}}
{{- if eq $key "envoyGateway.securityPolicy" -}}
  {{- $place = "" -}}
  {{- if $names -}}
    {{- $_ := set $labels "gateway.envoyproxy.io/owning-gateway-name" $gateways -}}
    {{- $_ := set $labels "gateway.envoyproxy.io/owning-gateway-namespace" (list $namespace) -}}
  {{- end -}}
{{- else if $names -}}
  {{- $_ := set $labels "gateway.networking.k8s.io/gateway-name" $gateways -}}
{{- end -}}
{{- if not $policy.namespace }}
   - WARNING: {{ $key }}.namespace is not given, so the policy is in namespace {{ $namespace }}, that of the release: it counts for
     what is there and nothing else. Name the namespace of the gateway, also where it is this one.
{{- end }}
{{- if eq (include "extauthz.peersMayBe" (list $root $place $labels)) "false" }}
   - WARNING: no peer in networkPolicy.proxies can be one of the gateways that {{ $key }} has ask: by its namespace
     ({{ $namespace }}) or by its labels each of them is something else. They would not reach extauthz.
{{- end -}}
{{- end -}}
