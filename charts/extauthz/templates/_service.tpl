{{- /* The ports at which proxies ask. */ -}}
{{- define "extauthz.servicePorts" -}}
{{- if .Values.grpc.enabled }}
- name: grpc
  port: {{ int .Values.grpc.port }}
  targetPort: grpc
  {{- if .Values.grpc.tls }}
  appProtocol: https
  {{- else }}
  appProtocol: kubernetes.io/h2c
  {{- end }}
{{- end }}
{{- if .Values.http.enabled }}
- name: http-auth
  port: {{ int .Values.http.port }}
  targetPort: http-auth
  appProtocol: {{ ternary "https" "http" .Values.http.tls }}
{{- end }}
{{- end -}}
