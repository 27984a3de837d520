{{- /* What does not go together around the pods: network, monitoring, who asks. */ -}}
{{- define "extauthz.checks.around" -}}
{{- $found := list -}}
{{- $monitors := or .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled -}}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.proxies) -}}
  {{- $found = append $found "networkPolicy.proxies is empty: name the pods of the proxies that ask, or set networkPolicy.enabled to false and let everybody ask" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled $monitors (not .Values.networkPolicy.monitoring) -}}
  {{- $found = append $found "networkPolicy.monitoring is empty: Prometheus could not reach what a monitor tells it to scrape; name its pods" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled -}}
  {{- $found = append $found "metrics.serviceMonitor and metrics.podMonitor are both enabled: everything would be scraped twice" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled (not .Values.metrics.service.enabled) -}}
  {{- $found = append $found "metrics.serviceMonitor needs metrics.service.enabled; without a Service use metrics.podMonitor" -}}
{{- end -}}
{{- range $name := list "serviceMonitor" "podMonitor" -}}
  {{- with index $.Values.metrics $name -}}
    {{- if and .enabled (lt (include "extauthz.milliseconds" .interval | int) (include "extauthz.milliseconds" .scrapeTimeout | int)) -}}
      {{- $found = append $found (printf "metrics.%s.scrapeTimeout (%s) is longer than its interval (%s): Prometheus would not take it" $name .scrapeTimeout .interval) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.networkPolicy -}}
  {{- if and .enabled .egress.restrict .egress.crlPublishers (eq (include "extauthz.crlPorts" $) "") -}}
    {{- $found = append $found "networkPolicy.egress.crlPublishers is given and nothing is fetched: name a url in crls, or use networkPolicy.egress.rules" -}}
  {{- end -}}
{{- end -}}
{{- $names := dict -}}
{{- range fromYamlArray (.Files.Get "files/alerts.yaml") }}{{ $_ := set $names .alert true }}{{ end -}}
{{- range $name, $ignored := .Values.prometheusRule.alerts -}}
  {{- if not (hasKey $names $name) -}}
    {{- $found = append $found (printf "prometheusRule.alerts.%s: there is no such alert; there are %s" $name (keys $names | sortAlpha | join ", ")) -}}
  {{- end -}}
{{- end -}}
{{- $types := list -}}
{{- range dig "sources" list (.Values.config | default dict) }}{{ $types = append $types .type }}{{ end -}}
{{- range $name, $policy := dict "istio.authorizationPolicy" .Values.istio.authorizationPolicy "envoyGateway.securityPolicy" .Values.envoyGateway.securityPolicy -}}
  {{- if and $policy.enabled $types (not (has "xfcc" $types)) -}}
    {{- $found = append $found (printf "%s and no source of type xfcc in config.sources: it hands over the certificate in no other way, and everybody would be denied" $name) -}}
  {{- end -}}
{{- end -}}
{{- $kinds := dict
      "istio.authorizationPolicy" (list "Gateway" "GatewayClass")
      "envoyGateway.securityPolicy" (list "Gateway" "ListenerSet" "HTTPRoute" "GRPCRoute" "TLSRoute" "TCPRoute" "UDPRoute") -}}
{{- range $name, $policy := dict "istio.authorizationPolicy" .Values.istio.authorizationPolicy "envoyGateway.securityPolicy" .Values.envoyGateway.securityPolicy -}}
  {{- range $index, $target := ternary $policy.targetRefs list $policy.enabled -}}
    {{- if and (eq (toString $target.group) "gateway.networking.k8s.io") (not (has $target.kind (index $kinds $name))) -}}
      {{- $found = append $found (printf "%s.targetRefs[%d].kind is %s: of the group gateway.networking.k8s.io it may be %s" $name $index $target.kind (index $kinds $name | join ", ")) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.istio.authorizationPolicy -}}
  {{- if .enabled -}}
    {{- if and .selector .targetRefs -}}
      {{- $found = append $found "istio.authorizationPolicy has selector and targetRefs: use one" -}}
    {{- else if not (or .selector .targetRefs) -}}
      {{- $found = append $found "istio.authorizationPolicy needs selector or targetRefs: without, every workload of the namespace would ask" -}}
    {{- end -}}
    {{- $found = concat $found (fromJsonArray (include "extauthz.checks.istioHosts" .rules)) -}}
    {{- if not $.Values.grpc.enabled -}}
      {{- $found = append $found "istio.authorizationPolicy needs grpc.enabled: over HTTP the next hop overwrites the certificate's header" -}}
    {{- else if $.Values.grpc.tls -}}
      {{- $found = append $found "istio.authorizationPolicy and grpc.tls: Istio speaks TLS to extauthz only with a DestinationRule, which the chart does not make; leave grpc.tls off, or write both objects yourself" -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.envoyGateway.securityPolicy -}}
  {{- if .enabled -}}
    {{- if eq (include "extauthz.milliseconds" .timeout | int) 0 -}}
      {{- $found = append $found "envoyGateway.securityPolicy.timeout is 0, which Envoy Gateway takes for no end: give a time such as 500ms" -}}
    {{- end -}}
    {{- if not .targetRefs -}}
      {{- $found = append $found "envoyGateway.securityPolicy.targetRefs is empty: which Gateways or routes ask?" -}}
    {{- end -}}
    {{- if not $.Values.grpc.enabled -}}
      {{- $found = append $found "envoyGateway.securityPolicy needs grpc.enabled" -}}
    {{- else if $.Values.grpc.tls -}}
      {{- $found = append $found "envoyGateway.securityPolicy and grpc.tls: the chart makes no BackendTLSPolicy; leave grpc.tls off, or write both policies yourself" -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
